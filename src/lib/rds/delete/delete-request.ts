import { isAwsError } from '../../aws/errors.ts'
import type { Database } from '../database.ts'
import type { DeleteWishes } from './delete-plan.ts'
import type { Removals } from './removals.ts'
import { isNameTaken, nameTaken, orQuota } from '../snapshots/snapshot-errors.ts'
import { surroundingTags } from '../snapshots/snapshot-memory.ts'
import type { Snapshots } from '../snapshots/snapshots.ts'
import { isWrongState } from '../wrong-state.ts'

/** What it takes to have a database deleted. */
export interface DeletionRequest {
  wishes: DeleteWishes
  /** Whether the automated backups stay for as long as they were to be kept. */
  keepBackups: boolean
  snapshots: Snapshots
  removals: Removals
  /** What a person should know is added to them. */
  warnings: string[]
}

/**
 * Asks AWS to delete a database: its protection is switched off first, and the instances of a cluster go first. False if the
 * status has changed meanwhile: the next look shows what is to be done then.
 * @throws {CruddurError} `SNAPSHOT_EXISTS`, `SNAPSHOT_QUOTA`, `AWS_…`
 */
export async function requestDeletion(request: DeletionRequest, database: Database): Promise<boolean> {
  const { removals, wishes, keepBackups } = request
  if (database.deletionProtection && !(await unlessWrongState(() => removals.unprotect(database))))
    return false
  await remember(request, database)
  // One that is on its way out already is refused as well.
  for (const member of database.members)
    await unlessWrongState(() => removals.deleteMember(member), 'DBInstanceNotFound')
  try {
    return await unlessWrongState(
      () => removals.delete(database, { snapshot: wishes.snapshot, keepBackups }),
      // An answer has been lost on the way, and the SDK has asked again.
      database.kind === 'instance' ? 'DBInstanceNotFound' : 'DBClusterNotFound',
    )
  } catch (error) {
    // The instances of a cluster are on their way out by now; its data is not, and a second run goes on from here.
    throw isNameTaken(error) ? await clash(request, database, error) : orQuota(error)
  }
}

async function clash(
  { wishes, snapshots }: DeletionRequest,
  { kind }: Database,
  error: unknown,
): Promise<unknown> {
  const present = wishes.snapshot === undefined ? undefined : await snapshots.seek(kind, wishes.snapshot)
  return present ? nameTaken(present) : error
}

/** Does a call. False if AWS refuses it because of the status. */
export async function unlessWrongState(call: () => Promise<void>, fine?: string): Promise<boolean> {
  try {
    await call()
  } catch (error) {
    if (isWrongState(error)) return false
    if (fine === undefined || !isAwsError(error, fine)) throw error
  }
  return true
}

/** Has the final snapshot know where the database stood: it gets the tags that the database has. */
async function remember({ removals, wishes, warnings }: DeletionRequest, database: Database): Promise<void> {
  if (wishes.snapshot === undefined || !database.copiesTags) return
  try {
    await removals.tag(database, surroundingTags(database))
  } catch (error) {
    if (!isAwsError(error, 'AccessDenied')) throw error
    warnings.push('The final snapshot does not remember the security groups: AWS does not allow to add tags.')
  }
}
