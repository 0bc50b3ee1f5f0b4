import type { Database } from '../database.ts'
import { type Phase, phaseOf } from '../database-phase.ts'

/** What must come before a snapshot: nothing, an end of what goes on, a start; or that none is possible. */
export type SnapshotMove = 'take' | 'wait' | 'start' | 'never'

/**
 * AWS takes snapshots of what is available only: `CreateDBSnapshot` in the API reference, and for final ones "Deleting a
 * DB instance" in the user guide.
 */
const MOVES: Readonly<Record<Phase, SnapshotMove>> = {
  up: 'take',
  busy: 'wait',
  rising: 'wait',
  falling: 'wait',
  down: 'start',
  broken: 'never',
  gone: 'never',
}

/** The other status in which it does (`CreateDBSnapshot`). */
const ALSO = 'storage-optimization'

/** What must come before a snapshot of a database. */
export function snapshotMove({ kind, status }: Pick<Database, 'kind' | 'status'>): SnapshotMove {
  return kind === 'instance' && status === ALSO ? 'take' : MOVES[phaseOf(status)]
}
