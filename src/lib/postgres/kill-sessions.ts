import { CruddurError, UsageError } from '../errors.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { readFacts } from './database-facts.ts'
import { connectOptions, guard, type DatabaseVerbOptions } from './database-verb.ts'
import { pipeline, quoteLiteral } from './query.ts'
import { readSessions, type Session } from './sessions.ts'

export interface KillOptions extends DatabaseVerbOptions {
  /** Sessions to end, by process id. */
  pids?: readonly number[] | undefined
  /** End sessions that have been idle in a transaction for so many milliseconds. */
  idleInTransaction?: number | undefined
  /** End all sessions of the database but our own. */
  all?: boolean | undefined
  /** Only say which would be ended. */
  dryRun?: boolean | undefined
}

export interface KillResult {
  dryRun: boolean
  /** The sessions that were, or would be, ended. */
  ended: Session[]
  /** Sessions that the server has been told to end and that are still there, e.g. in a long system call. */
  ending: number[]
}

/** How long to wait for sessions to be gone, and how often to look, in milliseconds. */
const GONE_TIMEOUT = 5000
const GONE_PAUSE = 50

/**
 * Ends sessions of the target database: those named, those idle in a transaction for too long, or all. Each is told
 * from a later one with the same process id by when it began.
 * @throws {UsageError} `NO_SESSIONS_CHOSEN`, `NO_SUCH_SESSION`
 * @throws {CruddurError} `NOT_CONFIRMED`, `PERMISSION_DENIED`, and those of `connect`
 */
export async function killSessions(options: KillOptions): Promise<KillResult> {
  if (!options.all && options.idleInTransaction === undefined && !options.pids?.length)
    throw new UsageError('It was not said which sessions to end.', {
      code: 'NO_SESSIONS_CHOSEN',
      hint: 'Give process ids, --idle-in-transaction 10m, or --all.',
    })
  const connection = await connect(options.target, connectOptions(options))
  try {
    const chosen = choose(await readSessions(connection, options.target.database), options)
    if (options.dryRun || chosen.length === 0)
      return { dryRun: options.dryRun ?? false, ended: chosen, ending: [] }
    await guard('end sessions of', connection, await readFacts(connection, options.target.database), options)
    await terminate(connection, chosen)
    return { dryRun: false, ended: chosen, ending: await stillThere(connection, chosen, options) }
  } finally {
    connection.leave()
  }
}

function choose(sessions: readonly Session[], options: KillOptions): Session[] {
  const { pids = [], idleInTransaction } = options
  const missing = pids.filter((pid) => !sessions.some((session) => session.pid === pid))
  if (missing.length > 0)
    throw new UsageError(`There is no session ${missing.join(', ')} in "${options.target.database}".`, {
      code: 'NO_SUCH_SESSION',
      hint: 'cruddur db sessions lists them.',
      details: { pids: missing },
    })
  return sessions.filter(
    (session) =>
      options.all === true ||
      pids.includes(session.pid) ||
      (idleInTransaction !== undefined &&
        (session.state ?? '').startsWith('idle in transaction') &&
        (session.stateAge ?? 0) >= idleInTransaction),
  )
}

async function terminate(connection: Connection, sessions: readonly Session[]): Promise<void> {
  const outcomes = await pipeline(
    connection,
    sessions.map(
      ({ pid, startedAt }) =>
        `SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a WHERE a.pid = ${pid} AND a.backend_start IS NOT DISTINCT FROM nullif(${quoteLiteral(startedAt)}, '')::timestamptz`,
    ),
  )
  const refused = sessions.filter((_, index) => outcomes[index]?.error)
  if (refused.length === 0) return
  const first = outcomes.find((outcome) => outcome.error)?.error
  throw new CruddurError(
    `Could not end ${refused.length === 1 ? 'session' : 'sessions'} ${refused.map((session) => session.pid).join(', ')}: ${first?.message ?? ''}.`,
    {
      code: 'PERMISSION_DENIED',
      hint: 'It takes the same role, a member of it, or pg_signal_backend; sessions of superusers can only be ended by superusers.',
      details: { refused: refused.map((session) => session.pid), ended: sessions.length - refused.length },
    },
  )
}

/** Waits until the sessions are gone; returns the pids of those that are not. */
async function stillThere(
  connection: Connection,
  sessions: readonly Session[],
  options: KillOptions,
): Promise<number[]> {
  const deadline = performance.now() + GONE_TIMEOUT
  for (;;) {
    const present = await readSessions(connection, options.target.database)
    const left = sessions.filter((one) =>
      present.some((other) => other.pid === one.pid && other.startedAt === one.startedAt),
    )
    if (left.length === 0 || performance.now() > deadline || options.signal?.aborted)
      return left.map((session) => session.pid)
    await new Promise((resolve) => setTimeout(resolve, GONE_PAUSE))
  }
}
