import { isAwsError } from '../../aws/errors.ts'
import { CruddurError } from '../../errors.ts'
import type { Database } from '../database.ts'
import type { Snapshot } from './snapshot.ts'

/** Whether AWS has refused a snapshot because its name is taken. */
export function isNameTaken(error: unknown): boolean {
  return isAwsError(error, 'DBSnapshotAlreadyExists') || isAwsError(error, 'DBClusterSnapshotAlreadyExists')
}

/** For a name that a snapshot of something else has. */
export function nameTaken({
  name,
  databaseId,
  type,
}: Pick<Snapshot, 'name' | 'databaseId' | 'type'>): CruddurError {
  return new CruddurError(
    `There is a snapshot "${name}" already: a ${type || 'manual'} one of ${databaseId}.`,
    {
      code: 'SNAPSHOT_EXISTS',
      hint: 'Give another name; without one, the time becomes part of it.',
      details: { name, databaseId },
    },
  )
}

/** What AWS fails a snapshot with, for people who have too many; other errors stay as they are. */
export function orQuota(error: unknown): unknown {
  if (!isAwsError(error, 'SnapshotQuotaExceeded')) return error
  return new CruddurError(
    'AWS takes no more snapshots: there are as many as this account may have in the region.',
    {
      code: 'SNAPSHOT_QUOTA',
      hint: 'cruddur rds snapshot list shows them; aws rds delete-db-snapshot (or delete-db-cluster-snapshot) removes one.',
      cause: error,
    },
  )
}

/** For a database that is stopped, of which AWS takes no snapshot. */
export function stopped({ id, status }: Pick<Database, 'id' | 'status'>): CruddurError {
  return new CruddurError(`AWS takes no snapshot of ${id} while it is ${status}.`, {
    code: 'INSTANCE_STOPPED',
    hint: `Start it first: cruddur rds start ${id}`,
    details: { id, status },
  })
}
