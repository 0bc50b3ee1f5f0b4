import { DescribeSecurityGroupRulesCommand, EC2Client, type SecurityGroupRule } from '@aws-sdk/client-ec2'
import {
  type DBInstance,
  type DBSnapshot,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

/** Looks at the databases, snapshots and rules that an emulator holds, without the code under test. */
export class Holdings {
  readonly #rds: RDSClient
  readonly #ec2: EC2Client

  constructor(emulator: AwsEmulator) {
    const { clientOptions } = testAwsSession(emulator)
    this.#rds = new RDSClient(clientOptions)
    this.#ec2 = new EC2Client(clientOptions)
  }

  async instances(): Promise<DBInstance[]> {
    return (await this.#rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? []
  }

  /** Those that somebody has asked for. */
  async snapshots(): Promise<DBSnapshot[]> {
    const command = new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' })
    return (await this.#rds.send(command)).DBSnapshots ?? []
  }

  /** The inbound rules of a security group. */
  async rules(group: string): Promise<SecurityGroupRule[]> {
    const command = new DescribeSecurityGroupRulesCommand({
      Filters: [{ Name: 'group-id', Values: [group] }],
    })
    const { SecurityGroupRules = [] } = await this.#ec2.send(command)
    return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
  }

  /** Lets go of the connections. */
  close(): void {
    this.#rds.destroy()
    this.#ec2.destroy()
  }
}
