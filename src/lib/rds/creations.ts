import { CreateDBInstanceCommand, type CreateDBInstanceCommandInput, RDSClient } from '@aws-sdk/client-rds'
import { ServiceClient } from '../aws/service-client.ts'
import type { AwsSession } from '../aws/session.ts'
import { toTags } from '../aws/tags.ts'
import { type Database, fromInstance } from './database.ts'
import type { NewInstance } from './new-instance.ts'
import { rdsArn } from './rds-arn.ts'

/** Asks RDS for new databases. Loads the SDK: to be imported when it is needed. */
export class Creations extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /**
   * Asks for an instance.
   * @param password of the master user, if there is one to send
   * @returns the instance as it is at first: most probably `creating`
   */
  async createInstance(
    instance: NewInstance,
    tags: Readonly<Record<string, string>>,
    password: string | undefined,
  ): Promise<Database> {
    const { id } = instance
    const command = new CreateDBInstanceCommand({
      ...toInput(instance),
      ...loginInput(instance, password),
      Tags: toTags(tags),
    })
    const { DBInstance = {} } = await this.call('CreateDBInstance', id, rdsArn('db', id), (client, sending) =>
      client.send(command, sending),
    )
    return fromInstance(DBInstance)
  }
}

function toInput(instance: NewInstance): CreateDBInstanceCommandInput {
  const { storage, securityGroups } = instance
  return {
    DBInstanceIdentifier: instance.id,
    Engine: 'postgres',
    EngineVersion: instance.engineVersion,
    // It would otherwise go on, for a price, when the standard support of its version ends.
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    AutoMinorVersionUpgrade: true,
    DBInstanceClass: instance.className,
    AllocatedStorage: storage.gib,
    StorageType: storage.type,
    Iops: storage.iops,
    StorageEncrypted: true,
    Port: instance.port,
    DBName: instance.databaseName,
    MasterUsername: instance.masterUser,
    PubliclyAccessible: instance.publiclyAccessible,
    MultiAZ: instance.multiAz,
    AvailabilityZone: instance.zone,
    BackupRetentionPeriod: instance.backupDays,
    CopyTagsToSnapshot: true,
    DeletionProtection: instance.deletionProtection,
    VpcSecurityGroupIds: securityGroups.length === 0 ? undefined : [...securityGroups],
    DBSubnetGroupName: instance.subnetGroup,
  }
}

function loginInput(
  { login }: NewInstance,
  password: string | undefined,
): Partial<CreateDBInstanceCommandInput> {
  if (login === 'managed') return { ManageMasterUserPassword: true }
  if (login === 'iam')
    return { MasterUserAuthenticationType: 'iam-db-auth', EnableIAMDatabaseAuthentication: true }
  return { MasterUserPassword: password }
}
