import { InterruptedError } from '../errors.ts'
import type { VerbOptions } from '../progress.ts'
import type { Database } from './database.ts'
import { phaseOf } from './database-phase.ts'
import type { Databases } from './databases.ts'
import { poll, type PollOptions } from '../poll.ts'
import { broken, tellStatus, tooLong } from './status-report.ts'

export interface SettleOptions extends VerbOptions {
  databases: Databases
  /** The identifier of the database. */
  id: string
  /** What is waited for. */
  goal: 'available' | 'gone'
  /** What goes on, for messages, e.g. `Creating cruddur-db`. */
  doing: string
  /** How to wait on where this run ends, e.g. `To wait on: cruddur rds create …`. */
  resume: string
  /** Milliseconds after which it gives up waiting; 40 min by default. */
  timeout?: number | undefined
  /** Milliseconds for which a database that is not there yet is waited for: RDS is eventually consistent. */
  grace?: number | undefined
  /** Milliseconds for which `available` is not believed unless another status was seen, since AWS may not have begun; 0 by default. */
  lag?: number | undefined
  pace?: PollOptions['pace']
}

/** Milliseconds after which it gives up waiting where nothing else is said. */
export const TIMEOUT = 40 * 60_000

/**
 * Waits until AWS is done with a database, and tells the statuses on the way.
 * @returns the database; `undefined` when it is gone, as was wanted
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_BROKEN`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function settle(options: SettleOptions): Promise<Database | undefined> {
  const { databases, id, goal, grace = 0, timeout = TIMEOUT, pace, signal, resume } = options
  let told = ''
  const look = async (elapsed: number) => {
    const database = await (elapsed < grace || goal === 'gone' ? databases.seek(id) : databases.find(id))
    if (!database) return goal === 'gone' ? { database } : undefined
    const changed = told !== '' && database.status !== told
    const there = isThere(options, database, changed ? Infinity : elapsed)
    // What need not be waited for is no news.
    if (database.status !== told && !(there && told === '')) tellStatus(options.onProgress, database, elapsed)
    told = database.status
    return there ? { database } : undefined
  }
  try {
    const found = await poll(look, { timeout, pace, signal })
    if (found) return found.database
  } catch (error) {
    if (error instanceof InterruptedError)
      throw new InterruptedError('Interrupted; AWS goes on by itself.', resume)
    throw error
  }
  throw tooLong(options.doing, { id, status: told || 'unknown' }, timeout, resume)
}

function isThere({ goal, doing, lag = 0 }: SettleOptions, database: Database, elapsed: number): boolean {
  const phase = phaseOf(database.status)
  if (goal === 'gone') return false
  if (phase === 'broken' || phase === 'gone') throw broken(`go on (${doing})`, database)
  return phase === 'up' && elapsed >= lag
}
