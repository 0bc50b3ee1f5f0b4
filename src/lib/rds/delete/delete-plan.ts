import { CruddurError } from '../../errors.ts'
import type { Database } from '../database.ts'
import { phaseOf } from '../database-phase.ts'
import { isTagged } from '../keep/plan.ts'
import { snapshotMove } from '../snapshots/snapshot-move.ts'

/** What is wanted of a deletion. */
export interface DeleteWishes {
  /** The name of the final snapshot, if one is to be taken. */
  snapshot: string | undefined
  /** Whether deletion protection may be switched off. */
  unprotect: boolean
}

/** What must come before AWS is asked to delete: nothing, an end of what goes on, or a start. */
export type DeleteMove = 'delete' | 'wait' | 'start'

/**
 * What must come before. A final snapshot needs a database that is available ("Deleting a DB instance"); protection cannot be
 * switched off, nor a cluster be deleted, while they are stopped ("Stopping an Amazon RDS DB instance temporarily", "Deleting
 * Aurora DB clusters").
 */
export function deleteMove(database: Database, { snapshot }: DeleteWishes): DeleteMove {
  const phase = phaseOf(database.status)
  const mustBeUp = snapshot !== undefined || database.deletionProtection
  if (mustBeUp) {
    const move = snapshotMove(database)
    // What is broken has passed requireDeletable, and only its protection is in the way.
    return move === 'take' || move === 'never' ? 'delete' : move
  }
  if (database.kind === 'instance') return 'delete'
  return phase === 'down' ? 'start' : phase === 'falling' ? 'wait' : 'delete'
}

/**
 * Refuses what AWS would not do.
 * @throws {CruddurError} `DELETION_PROTECTED`, `FINAL_SNAPSHOT_IMPOSSIBLE`
 */
export function requireDeletable(database: Database, { snapshot, unprotect }: DeleteWishes): void {
  const { kind, id, status, deletionProtection, replicaOf } = database
  if (deletionProtection && !unprotect)
    throw new CruddurError(`${id} is protected against deletion.`, {
      code: 'DELETION_PROTECTED',
      kind: 'refused',
      hint: 'With --unprotect the protection is switched off first.',
      details: { id },
    })
  const isReplica = kind === 'instance' && replicaOf !== undefined
  if (snapshot === undefined || (!isReplica && snapshotMove(database) !== 'never')) return
  throw new CruddurError(
    isReplica
      ? `AWS takes no final snapshot of ${id}: it is a replica of ${replicaOf}.`
      : `AWS takes no final snapshot of ${id}: its status is ${status}.`,
    {
      code: 'FINAL_SNAPSHOT_IMPOSSIBLE',
      kind: 'refused',
      hint: isReplica
        ? 'Its data is that of the other one: add --no-snapshot.'
        : 'cruddur rds snapshot list shows earlier ones. To delete it without: --no-snapshot.',
      details: { id, status, replicaOf: replicaOf ?? null },
    },
  )
}

/** What a person must know before: what it is, what is lost, and what stays. */
export function describeDeletion(
  database: Database,
  { snapshot, unprotect }: DeleteWishes,
  keepBackups: boolean,
): string[] {
  const { id, kind, status, className, storage, endpoint, createdAt, members, backupDays } = database
  const size = storage ? `${storage.gib} GiB ${storage.type}` : undefined
  const days = backupDays === 1 ? 'a day' : `${backupDays} days`
  const backups =
    backupDays === 0
      ? 'there are no automated backups'
      : keepBackups
        ? `the automated backups of ${days} stay until they expire`
        : `the automated backups of ${days} are lost`
  const facts: [string, string | undefined][] = [
    [kind, id],
    ['status', status],
    ['class', [className, size].filter(Boolean).join(', ') || undefined],
    ['created', createdAt?.toISOString()],
    ['endpoint', endpoint && `${endpoint.host}:${endpoint.port}`],
    ['instances', members.length > 0 ? members.join(', ') : undefined],
    [
      'stays',
      snapshot === undefined ? 'nothing: no final snapshot is taken' : `the final snapshot ${snapshot}`,
    ],
    ['backups', backups],
    ['first', firstSteps(database, { snapshot, unprotect })],
  ]
  return facts.filter(([, value]) => value !== undefined).map(([name, value]) => `${name.padEnd(11)}${value}`)
}

function firstSteps(database: Database, wishes: DeleteWishes): string | undefined {
  const steps = [
    ...(isTagged(database) ? ['what keeps it stopped is removed: its schedule, and the role of that'] : []),
    ...(deleteMove(database, wishes) === 'start' ? ['it is started: AWS wants that'] : []),
    ...(database.deletionProtection ? ['its deletion protection is switched off'] : []),
  ]
  return steps.length > 0 ? steps.join('; ') : undefined
}
