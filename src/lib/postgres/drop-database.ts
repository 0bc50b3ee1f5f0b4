import { setTimeout } from 'node:timers/promises'
import { CruddurError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { readFacts, type DatabaseFacts } from './database-facts.ts'
import { guard, type DatabaseVerbOptions } from './database-verb.ts'
import { besideDatabase } from './maintenance.ts'
import { pipeline, quoteIdentifier, quoteLiteral, send } from './query.ts'
import { readSessions, type Session } from './sessions.ts'
import { sqlError } from './sql-errors.ts'

export interface DropOptions extends DatabaseVerbOptions {
  /** Whether to end the sessions that are in the database. */
  force?: boolean | undefined
}

export interface DropResult {
  database: string
  /** False if there was no such database. */
  dropped: boolean
  /** How many sessions were ended for it. */
  endedSessions: number
}

/** The first major version whose DROP DATABASE takes WITH (FORCE). */
const FORCE_SINCE = 13

/** SQLSTATE of DROP DATABASE while somebody uses it (`object_in_use`). */
const IN_USE = '55006'

/**
 * Drops the target database; one that is not there is fine. While others are connected it names them and does nothing;
 * with `force` it closes the door, then ends them and drops in one step.
 * @throws {CruddurError} `NOT_CONFIRMED`, `SESSIONS_CONNECTED`, `PERMISSION_DENIED`, `DATABASE_IN_USE` (a replication slot or a
 * subscription), and those of `connect`
 */
export async function dropDatabase(options: DropOptions): Promise<DropResult> {
  const { database } = options.target
  return besideDatabase(options, async (connection) => {
    const facts = await readFacts(connection, database)
    if (facts.oid === undefined) return { database, dropped: false, endedSessions: 0 }
    await guard('drop', connection, facts, options)
    const sessions = facts.sessions > 0 ? await stayingSessions(connection, database, options.force) : []
    if (sessions.length > 0 && !options.force) throw sessionsConnected(database, sessions)
    await drop(connection, database, facts, options.force ?? false)
    return { database, dropped: true, endedSessions: sessions.length }
  })
}

/** How often, and how many milliseconds apart, sessions are looked at that may be just ending. */
const LOOKS = 5
const PAUSE = 50

/**
 * The sessions in a database that stay: one whose client has just left is still there for a moment.
 * @param force whether they are to be ended anyway, so that there is nothing to wait for
 */
export async function stayingSessions(
  connection: Connection,
  database: string,
  force = false,
): Promise<Session[]> {
  let sessions = await readSessions(connection, database)
  if (force) return sessions
  for (let look = 1; look < LOOKS && sessions.length > 0; look++) {
    await setTimeout(PAUSE)
    sessions = await readSessions(connection, database)
  }
  return sessions
}

/** The statements that drop a database, sessions or not. Sent together: nobody can come in between. */
export function dropStatements(
  database: string,
  facts: Pick<DatabaseFacts, 'serverMajor'>,
  force: boolean,
): string[] {
  const name = quoteIdentifier(database)
  if (!force) return [`DROP DATABASE IF EXISTS ${name}`]
  const closeDoor = `ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`
  if (facts.serverMajor >= FORCE_SINCE) return [closeDoor, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]
  const endSessions = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ${quoteLiteral(database)} AND pid <> pg_backend_pid()`
  // Before 13 the server itself waits a few seconds for the sessions that have been told to end.
  return [closeDoor, endSessions, `DROP DATABASE IF EXISTS ${name}`]
}

async function drop(
  connection: Connection,
  database: string,
  facts: DatabaseFacts,
  force: boolean,
): Promise<void> {
  const outcomes = await pipeline(connection, dropStatements(database, facts, force))
  const { error } = outcomes.at(-1) ?? {}
  if (!error) return
  if (force && facts.open) await openDoor(connection, database)
  if (error.sqlstate !== IN_USE) throw sqlError(error, `drop the database "${database}"`)
  const sessions = await readSessions(connection, database)
  throw sessions.length > 0 && !force
    ? sessionsConnected(database, sessions)
    : sqlError(error, `drop the database "${database}"`)
}

/** Lets sessions in again after a drop that failed. */
export async function openDoor(connection: Connection, database: string): Promise<void> {
  await send(connection, `ALTER DATABASE ${quoteIdentifier(database)} WITH ALLOW_CONNECTIONS true`)
}

/** The error that names who is connected. */
export function sessionsConnected(database: string, sessions: readonly Session[]): CruddurError {
  const count = sessions.length === 1 ? '1 session is' : `${sessions.length} sessions are`
  return new CruddurError(`The database "${database}" was not dropped: ${count} connected to it.`, {
    code: 'SESSIONS_CONNECTED',
    hint: 'Close them, or end them with --force.',
    context: sessions.map(describe).join('\n'),
    details: {
      database,
      sessions: sessions.map(({ pid, user, application, client, state }) => ({
        pid,
        user,
        application,
        client,
        state,
      })),
    },
  })
}

function describe({ pid, user, application, client, state }: Session): string {
  return [`pid ${pid}`, user, application, client ?? 'local', state].filter(Boolean).join(', ')
}
