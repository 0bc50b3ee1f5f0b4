import { formatDuration } from '../../duration.ts'
import { CruddurError, InterruptedError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import { poll, type PollOptions } from '../../poll.ts'
import type { Snapshot } from './snapshot.ts'
import type { Snapshots } from './snapshots.ts'
import { tooLong } from '../status-report.ts'

export interface SnapshotWaitOptions extends VerbOptions {
  snapshots: Snapshots
  snapshot: Pick<Snapshot, 'kind' | 'name'>
  /** How to wait on where this run ends. */
  resume: string
  /** Milliseconds after which it gives up waiting; 2 h by default. */
  timeout?: number | undefined
  pace?: PollOptions['pace']
}

/** Milliseconds. The first snapshot of a large database holds all of it. */
const TIMEOUT = 120 * 60_000
/** Milliseconds for which a new snapshot may not be found: RDS is eventually consistent. */
const GRACE = 60_000

/** Statuses in which a snapshot is being made; another one that is not `available` is bad. */
const UNDER_WAY: ReadonlySet<string> = new Set(['', 'pending', 'creating', 'copying', 'modifying'])

/**
 * Waits until a snapshot can be used, and tells how much of it is done.
 * @throws {CruddurError} `SNAPSHOT_FAILED`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function awaitSnapshot(options: SnapshotWaitOptions): Promise<Snapshot> {
  const { snapshots, snapshot, resume, timeout = TIMEOUT, pace, signal, onProgress } = options
  const { kind, name } = snapshot
  let told = ''
  const look = async (elapsed: number) => {
    const found = await snapshots.seek(kind, name)
    if (found?.status === 'available') return found
    if (found ? !UNDER_WAY.has(found.status) : elapsed >= GRACE) throw failed(name, found?.status ?? 'gone')
    const text = found ? `${name} is ${found.status}, ${found.percent ?? 0} % done` : ''
    if (text !== told)
      onProgress?.({ type: 'note', level: 'info', text: `${text} (after ${formatDuration(elapsed)})` })
    told = text
    return undefined
  }
  try {
    const found = await poll(look, { timeout, pace, signal })
    if (found) return found
  } catch (error) {
    if (error instanceof InterruptedError)
      throw new InterruptedError('Interrupted; AWS goes on by itself.', resume)
    throw error
  }
  throw tooLong(`Taking the snapshot ${name}`, { id: name, status: 'creating' }, timeout, resume)
}

function failed(name: string, status: string): CruddurError {
  return new CruddurError(`The snapshot ${name} cannot be used: it is ${status}.`, {
    code: 'SNAPSHOT_FAILED',
    hint: 'The events of the database in the console say why; take another one.',
    details: { name, status },
  })
}
