import type { CreateDBClusterCommandInput, CreateDBInstanceCommandInput } from '@aws-sdk/client-rds'
import {
  ENGINE,
  firstInstanceOf,
  type NewCluster,
  type NewDatabase,
  type NewInstance,
} from './new-database.ts'

/** What RDS is sent to make an instance that belongs to no cluster. */
export function instanceInput(
  instance: NewInstance,
  password: string | undefined,
): CreateDBInstanceCommandInput {
  const { id, storage } = instance
  return {
    ...commonInput(instance, password),
    DBInstanceIdentifier: id,
    AutoMinorVersionUpgrade: true,
    DBInstanceClass: instance.className,
    AllocatedStorage: storage.gib,
    StorageType: storage.type,
    Iops: storage.iops,
    DBName: instance.databaseName,
    PubliclyAccessible: instance.publiclyAccessible,
    MultiAZ: instance.multiAz,
    AvailabilityZone: instance.zone,
  }
}

/** What RDS is sent to make a cluster, which has no instance yet. */
export function clusterInput(cluster: NewCluster, password: string | undefined): CreateDBClusterCommandInput {
  const { id, capacity } = cluster
  return {
    ...commonInput(cluster, password),
    DBClusterIdentifier: id,
    DatabaseName: cluster.databaseName,
    ServerlessV2ScalingConfiguration: {
      MinCapacity: capacity.min,
      MaxCapacity: capacity.max,
      SecondsUntilAutoPause: capacity.pausesAfter,
    },
  }
}

/** What RDS is sent to make the first instance of a cluster, which takes all else from the cluster. */
export function firstInstanceInput(
  cluster: string,
  publiclyAccessible: boolean,
): CreateDBInstanceCommandInput {
  return {
    DBInstanceIdentifier: firstInstanceOf(cluster),
    DBClusterIdentifier: cluster,
    Engine: ENGINE.cluster,
    DBInstanceClass: 'db.serverless',
    AutoMinorVersionUpgrade: true,
    PubliclyAccessible: publiclyAccessible,
  }
}

function commonInput(database: NewDatabase, password: string | undefined) {
  const { securityGroups } = database
  return {
    Engine: ENGINE[database.kind],
    EngineVersion: database.engineVersion,
    // It would otherwise go on, for a price, when the standard support of its version ends.
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    StorageEncrypted: true,
    Port: database.port,
    MasterUsername: database.masterUser,
    ...loginInput(database, password),
    BackupRetentionPeriod: database.backupDays,
    CopyTagsToSnapshot: true,
    DeletionProtection: database.deletionProtection,
    VpcSecurityGroupIds: securityGroups.length === 0 ? undefined : [...securityGroups],
    DBSubnetGroupName: database.subnetGroup,
  } satisfies Partial<CreateDBInstanceCommandInput> & Partial<CreateDBClusterCommandInput>
}

function loginInput({ login }: NewDatabase, password: string | undefined) {
  if (login === 'managed') return { ManageMasterUserPassword: true }
  if (login === 'iam')
    return { MasterUserAuthenticationType: 'iam-db-auth', EnableIAMDatabaseAuthentication: true } as const
  return { MasterUserPassword: password }
}
