import type { DBCluster, DBInstance } from '@aws-sdk/client-rds'
import { fromTags } from '../aws/tags.ts'
import { phaseOf } from './database-phase.ts'
import { TAG } from './tags.ts'

/** What is started, stopped and deleted as one: an instance, or a cluster of Aurora with its instances. */
export type DatabaseKind = 'instance' | 'cluster'

/** How the master user logs in: with a password, with one that Secrets Manager keeps, or with a token of IAM. */
export type MasterLogin = 'password' | 'managed' | 'iam'

/** A database of RDS, as far as cruddur looks at it. */
export interface Database {
  kind: DatabaseKind
  id: string
  arn: string
  /** What IAM policies for logins name: `db-…` or `cluster-…`. */
  resourceId: string
  /**
   * As AWS says it, e.g. `available`; see `database-phase.ts`. A cluster that is available while its writer is not has the
   * status of the writer: that is what one would connect to.
   */
  status: string
  /** `postgres`, `aurora-postgresql` … */
  engine: string
  /** With its minor, e.g. `17.4`. */
  version: string
  /** e.g. `db.t4g.micro`; of a cluster that of its writer. */
  className: string | undefined
  /** `undefined` for a cluster, whose storage grows by itself. */
  storage: { gib: number; type: string } | undefined
  encrypted: boolean
  /** The Aurora capacity units between which Serverless v2 moves. */
  capacity: { min: number; max: number } | undefined
  /** Not there while it is being created. */
  endpoint: { host: string; port: number } | undefined
  /** The one that was made with it. */
  databaseName: string | undefined
  masterUser: string
  masterLogin: MasterLogin
  /** The secret with the master user's password, if Secrets Manager keeps it. */
  secretArn: string | undefined
  /** Whether users may log in with tokens of IAM. */
  iamLogin: boolean
  publiclyAccessible: boolean
  /** `IPV4` or `DUAL`. */
  networkType: string
  multiAz: boolean
  deletionProtection: boolean
  /** The ids of its VPC security groups. */
  securityGroups: string[]
  subnetGroup: string | undefined
  parameterGroup: string | undefined
  copiesTags: boolean
  /** How long automated backups are kept; 0 for none. */
  backupDays: number
  /** Whether it goes on, for a price, when the standard support of its version ends; `undefined` if AWS does not say. */
  extendedSupport: boolean | undefined
  tags: Readonly<Record<string, string>>
  createdAt: Date | undefined
  /** When AWS will start it by itself, if it is stopped: seven days after. */
  restartsAt: Date | undefined
  /** The instance or cluster that this one is a replica of. */
  replicaOf: string | undefined
  replicas: string[]
  /** The cluster that an instance of Aurora belongs to. */
  cluster: string | undefined
  /** The instances of a cluster, the writer first. */
  members: string[]
}

/** `EngineLifecycleSupport` of a database that goes on for a price (API reference, `CreateDBInstance`). */
const EXTENDED_SUPPORT = 'open-source-rds-extended-support'

/** What instances and clusters have under the same names. */
function common(described: DBInstance | DBCluster) {
  const tags = fromTags(described.TagList)
  const secretArn = described.MasterUserSecret?.SecretArn || undefined
  return {
    engine: described.Engine ?? '',
    version: described.EngineVersion ?? '',
    encrypted: described.StorageEncrypted ?? false,
    masterUser: described.MasterUsername ?? '',
    masterLogin: secretArn ? 'managed' : tags[TAG.login] === 'iam' ? 'iam' : 'password',
    secretArn,
    iamLogin: described.IAMDatabaseAuthenticationEnabled ?? false,
    publiclyAccessible: described.PubliclyAccessible ?? false,
    networkType: described.NetworkType ?? 'IPV4',
    multiAz: described.MultiAZ ?? false,
    deletionProtection: described.DeletionProtection ?? false,
    securityGroups: (described.VpcSecurityGroups ?? []).map(
      ({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId,
    ),
    copiesTags: described.CopyTagsToSnapshot ?? false,
    backupDays: described.BackupRetentionPeriod ?? 0,
    extendedSupport:
      described.EngineLifecycleSupport === undefined
        ? undefined
        : described.EngineLifecycleSupport === EXTENDED_SUPPORT,
    tags,
    restartsAt: described.AutomaticRestartTime,
  } satisfies Partial<Database>
}

/** An instance as RDS describes it. */
export function fromInstance(described: DBInstance): Database {
  const { Address: host, Port: port } = described.Endpoint ?? {}
  return {
    ...common(described),
    kind: 'instance',
    id: described.DBInstanceIdentifier ?? '',
    arn: described.DBInstanceArn ?? '',
    resourceId: described.DbiResourceId ?? '',
    status: described.DBInstanceStatus ?? '',
    className: described.DBInstanceClass,
    storage: { gib: described.AllocatedStorage ?? 0, type: described.StorageType ?? '' },
    capacity: undefined,
    endpoint: host ? { host, port: port ?? 5432 } : undefined,
    databaseName: described.DBName || undefined,
    subnetGroup: described.DBSubnetGroup?.DBSubnetGroupName,
    parameterGroup: described.DBParameterGroups?.[0]?.DBParameterGroupName,
    createdAt: described.InstanceCreateTime,
    replicaOf:
      described.ReadReplicaSourceDBInstanceIdentifier ||
      described.ReadReplicaSourceDBClusterIdentifier ||
      undefined,
    replicas: described.ReadReplicaDBInstanceIdentifiers ?? [],
    cluster: described.DBClusterIdentifier || undefined,
    members: [],
  }
}

/**
 * A cluster as RDS describes it.
 * @param instances described besides: its writer's, which tells what the cluster's own description does not, is found there
 */
export function fromCluster(described: DBCluster, instances: readonly DBInstance[]): Database {
  const { MinCapacity: min, MaxCapacity: max } = described.ServerlessV2ScalingConfiguration ?? {}
  const members = (described.DBClusterMembers ?? [])
    .toSorted((one, other) => Number(other.IsClusterWriter ?? false) - Number(one.IsClusterWriter ?? false))
    .map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier)
  const writer = instances.find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === members[0])
  const status = described.Status ?? ''
  return {
    ...common(described),
    kind: 'cluster',
    id: described.DBClusterIdentifier ?? '',
    arn: described.DBClusterArn ?? '',
    resourceId: described.DbClusterResourceId ?? '',
    status: phaseOf(status) === 'up' ? (writer?.DBInstanceStatus ?? status) : status,
    className: described.DBClusterInstanceClass || writer?.DBInstanceClass,
    storage: undefined,
    capacity: min === undefined || max === undefined ? undefined : { min, max },
    endpoint: described.Endpoint ? { host: described.Endpoint, port: described.Port ?? 5432 } : undefined,
    databaseName: described.DatabaseName || undefined,
    publiclyAccessible: writer?.PubliclyAccessible ?? described.PubliclyAccessible ?? false,
    subnetGroup: described.DBSubnetGroup,
    parameterGroup: described.DBClusterParameterGroup,
    createdAt: described.ClusterCreateTime,
    replicaOf: described.ReplicationSourceIdentifier || undefined,
    replicas: described.ReadReplicaIdentifiers ?? [],
    cluster: undefined,
    members,
  }
}
