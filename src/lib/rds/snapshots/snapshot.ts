import type { DBClusterSnapshot, DBSnapshot } from '@aws-sdk/client-rds'
import { fromTags } from '../../aws/tags.ts'
import type { DatabaseKind } from '../database.ts'

/** A snapshot of an instance or a cluster, as far as cruddur looks at it. */
export interface Snapshot {
  /** Of what kind the database is. */
  kind: DatabaseKind
  name: string
  /** The identifier of the database that it is of; there may be another one of that name by now. */
  databaseId: string
  /** As AWS says it: `creating`, `available`, `failed` … */
  status: string
  /** How much of it is done; `undefined` if AWS does not say. */
  percent: number | undefined
  /** Who made it: `manual`, `automated` … */
  type: string
  /** Not there while it is being made. */
  createdAt: Date | undefined
  /** The size of the storage; 0 for Aurora, which does not always say. */
  gib: number
  engine: string
  version: string
  encrypted: boolean
  port: number | undefined
  masterUser: string
  /** Whether users may log in with tokens of IAM. */
  iamLogin: boolean
  tags: Readonly<Record<string, string>>
}

function common(described: DBSnapshot | DBClusterSnapshot) {
  return {
    status: described.Status ?? '',
    percent: described.PercentProgress,
    type: described.SnapshotType ?? '',
    createdAt: described.SnapshotCreateTime,
    gib: described.AllocatedStorage ?? 0,
    engine: described.Engine ?? '',
    version: described.EngineVersion ?? '',
    port: described.Port || undefined,
    masterUser: described.MasterUsername ?? '',
    iamLogin: described.IAMDatabaseAuthenticationEnabled ?? false,
    tags: fromTags(described.TagList),
  } satisfies Partial<Snapshot>
}

/** The snapshot of an instance as RDS describes it. */
export function fromInstanceSnapshot(described: DBSnapshot): Snapshot {
  return {
    ...common(described),
    kind: 'instance',
    name: described.DBSnapshotIdentifier ?? '',
    databaseId: described.DBInstanceIdentifier ?? '',
    encrypted: described.Encrypted ?? false,
  }
}

/** The snapshot of a cluster as RDS describes it. */
export function fromClusterSnapshot(described: DBClusterSnapshot): Snapshot {
  return {
    ...common(described),
    kind: 'cluster',
    name: described.DBClusterSnapshotIdentifier ?? '',
    databaseId: described.DBClusterIdentifier ?? '',
    encrypted: described.StorageEncrypted ?? false,
  }
}
