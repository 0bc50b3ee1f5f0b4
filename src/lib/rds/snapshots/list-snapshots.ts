import type { AwsSession } from '../../aws/session.ts'
import type { VerbOptions } from '../../progress.ts'
import type { Snapshot } from './snapshot.ts'

export interface ListSnapshotsOptions extends VerbOptions {
  aws: AwsSession
  /** The database whose snapshots are meant, which need not exist any more; all of the region by default. */
  id?: string | undefined
}

/**
 * The snapshots of instances and clusters, those that AWS made by itself among them; the newest first.
 * @throws {CruddurError} `INSTANCE_NOT_FOUND` if there is neither a snapshot of it nor the database itself, `AWS_…`
 */
export async function listSnapshots({ aws, id, signal }: ListSnapshotsOptions): Promise<Snapshot[]> {
  const [{ Databases }, { Snapshots }] = await Promise.all([
    import('../databases.ts'),
    import('./snapshots.ts'),
  ])
  const databases = new Databases(aws, signal)
  const snapshots = new Snapshots(aws, signal)
  try {
    const found = await snapshots.list(id)
    if (found.length === 0 && id !== undefined) await databases.find(id)
    return found
  } finally {
    databases.close()
    snapshots.close()
  }
}
