import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam'
import { ListTagsForResourceCommand, RDSClient } from '@aws-sdk/client-rds'
import {
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler'
import { fromTags } from '../../../src/lib/aws/tags.ts'
import type { AwsEmulator } from './emulator.ts'
import { testAwsSession } from './session.ts'

/** What the emulator holds of a role: who may take it on, and its inline policies by their names. */
export interface RoleThere {
  trustPolicy: unknown
  policies: Record<string, unknown>
}

/** Looks at, and meddles with, what keeps databases stopped, without the code under test. */
export class KeepProbe {
  readonly #iam: IAMClient
  readonly #rds: RDSClient
  readonly #scheduler: SchedulerClient

  constructor(emulator: AwsEmulator, region?: string) {
    const options = { ...testAwsSession(emulator).clientOptions, ...(region && { region }) }
    this.#iam = new IAMClient(options)
    this.#rds = new RDSClient(options)
    this.#scheduler = new SchedulerClient(options)
  }

  async roleNames(): Promise<string[]> {
    const { Roles = [] } = await this.#iam.send(new ListRolesCommand({}))
    return Roles.map(({ RoleName = '' }) => RoleName)
  }

  async role(name: string): Promise<RoleThere> {
    const { Role } = await this.#iam.send(new GetRoleCommand({ RoleName: name }))
    const { PolicyNames = [] } = await this.#iam.send(new ListRolePoliciesCommand({ RoleName: name }))
    const policies = await Promise.all(
      PolicyNames.map(async (policy) => {
        const command = new GetRolePolicyCommand({ RoleName: name, PolicyName: policy })
        return [policy, parse((await this.#iam.send(command)).PolicyDocument)] as const
      }),
    )
    return {
      trustPolicy: parse(Role?.AssumeRolePolicyDocument),
      policies: Object.fromEntries(policies),
    }
  }

  /** A role of that name which somebody else might have made: Lambda may take it on. */
  async makeOtherRole(name: string): Promise<void> {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await this.#iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: document }))
  }

  /** Removes a role with its inline policies. */
  async removeRole(name: string): Promise<void> {
    const { PolicyNames = [] } = await this.#iam.send(new ListRolePoliciesCommand({ RoleName: name }))
    await Promise.all(
      PolicyNames.map((policy) =>
        this.#iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: policy })),
      ),
    )
    await this.#iam.send(new DeleteRoleCommand({ RoleName: name }))
  }

  async scheduleNames(): Promise<string[]> {
    const { Schedules = [] } = await this.#scheduler.send(new ListSchedulesCommand({}))
    return Schedules.map(({ Name = '' }) => Name)
  }

  async schedule(name: string): Promise<GetScheduleCommandOutput> {
    return this.#scheduler.send(new GetScheduleCommand({ Name: name }))
  }

  /** Changes some fields of a schedule, as a person in the console would. */
  async changeSchedule(name: string, fields: Partial<CreateScheduleCommandInput>): Promise<void> {
    const { ScheduleExpression, Target, FlexibleTimeWindow, State } = await this.schedule(name)
    const before = { ScheduleExpression, Target, FlexibleTimeWindow, State }
    await this.#scheduler.send(new UpdateScheduleCommand({ Name: name, ...before, ...fields }))
  }

  async removeSchedule(name: string): Promise<void> {
    await this.#scheduler.send(new DeleteScheduleCommand({ Name: name }))
  }

  async tags(arn: string): Promise<Readonly<Record<string, string>>> {
    const { TagList } = await this.#rds.send(new ListTagsForResourceCommand({ ResourceName: arn }))
    return fromTags(TagList)
  }

  /** Lets go of the connections. */
  close(): void {
    for (const client of [this.#iam, this.#rds, this.#scheduler]) client.destroy()
  }
}

function parse(policy = ''): unknown {
  return JSON.parse(decodeURIComponent(policy))
}

/** The calls of a log that change something. */
export function writes(calls: readonly { action: string }[]): string[] {
  return calls.map(({ action }) => action).filter((action) => !/^(?:Describe|Get|List)|^GET /.test(action))
}
