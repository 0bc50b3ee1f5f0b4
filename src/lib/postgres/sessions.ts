import { IS_CLIENT } from './client-sessions.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { connectOptions, type DatabaseVerbOptions } from './database-verb.ts'
import { queryRows, quoteLiteral } from './query.ts'

/** A session of a client with a database. Ages are in milliseconds. */
export interface Session {
  pid: number
  /** When the session began (ISO 8601): with the pid it tells one session for certain; empty if we may not know. */
  startedAt: string
  user: string | undefined
  application: string | undefined
  /** Address of the client; `undefined` for a local socket. */
  client: string | undefined
  database: string | undefined
  /** `active`, `idle`, `idle in transaction`, … as `pg_stat_activity` says. */
  state: string | undefined
  /** Age of the open transaction. */
  transactionAge: number | undefined
  /** Since the present query began, or since the last one ended. */
  queryAge: number | undefined
  stateAge: number | undefined
  /** What it waits for: the lock and its object, else the kind of wait; `undefined` if it does not wait. */
  waitsFor: string | undefined
  /** Pids of the sessions it waits for; 0 stands for a prepared transaction. */
  blockedBy: number[]
  query: string | undefined
}

/** How much of a query is shown, in characters. */
const QUERY_LENGTH = 1000

const AGE = (column: string) => `(extract(epoch from clock_timestamp() - a.${column}) * 1000)::bigint::text`

/** The lock that a session waits for: mode and object, the object's name where it is in the database of our session. */
const LOCK = `(SELECT l.mode || ' on ' || CASE
    WHEN l.locktype IN ('relation', 'extend', 'page', 'tuple') THEN coalesce(nullif(CASE
      WHEN l.database IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) THEN l.relation::regclass::text END, ''), l.locktype)
    WHEN l.locktype = 'transactionid' THEN 'a row of another transaction'
    ELSE l.locktype END
  FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND NOT l.granted LIMIT 1)`

/** Locks are shown to everybody: so it can be told who waits even where the kind of wait may not be seen. */
const WAITS_FOR_LOCK = `(a.wait_event_type = 'Lock' OR a.backend_type IS NULL
    AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND NOT l.granted))`

/** The time in ISO 8601 with microseconds, whatever `DateStyle` and `TimeZone` say. */
const STARTED_AT = `to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Sessions of clients, with what each waits for. Who blocks is asked only for those that wait: it is not cheap. */
function sessionsQuery(condition: string): string {
  return `SELECT a.pid::text, ${STARTED_AT} AS started_at, a.usename::text AS "user", nullif(a.application_name, '') AS application,
  host(a.client_addr) AS client, a.datname::text AS database, a.state, ${AGE('xact_start')} AS transaction_age,
  ${AGE('query_start')} AS query_age, ${AGE('state_change')} AS state_age,
  CASE WHEN ${WAITS_FOR_LOCK} THEN coalesce(${LOCK}, 'a lock')
    WHEN a.state <> 'idle' AND a.wait_event_type NOT IN ('Client', 'Activity') THEN a.wait_event_type || ': ' || a.wait_event END AS waits_for,
  CASE WHEN ${WAITS_FOR_LOCK} THEN array_to_string(pg_blocking_pids(a.pid), ',') END AS blocked_by,
  nullif(left(a.query, ${QUERY_LENGTH}), '') AS query
FROM pg_catalog.pg_stat_activity a
WHERE ${IS_CLIENT} AND a.pid <> pg_backend_pid() AND (${condition})
ORDER BY a.xact_start NULLS LAST, a.backend_start`
}

type Row = Record<
  | 'pid'
  | 'started_at'
  | 'user'
  | 'application'
  | 'client'
  | 'database'
  | 'state'
  | 'transaction_age'
  | 'query_age'
  | 'state_age'
  | 'waits_for'
  | 'blocked_by'
  | 'query',
  string | null
>

function age(value: string | null): number | undefined {
  return value === null ? undefined : Number(value)
}

function toSession(row: Row): Session {
  return {
    pid: Number(row.pid),
    startedAt: row.started_at ?? '',
    user: row.user ?? undefined,
    application: row.application ?? undefined,
    client: row.client ?? undefined,
    database: row.database ?? undefined,
    state: row.state ?? undefined,
    transactionAge: age(row.transaction_age),
    queryAge: age(row.query_age),
    stateAge: age(row.state_age),
    waitsFor: row.waits_for ?? undefined,
    blockedBy: row.blocked_by ? [...new Set(row.blocked_by.split(',').map(Number))] : [],
    query: row.query ?? undefined,
  }
}

/** Reads the sessions of a database, from a session in any database of the server; our own is left out. */
export async function readSessions(connection: Connection, database: string): Promise<Session[]> {
  const rows = await queryRows<Row>(connection, sessionsQuery(`a.datname = ${quoteLiteral(database)}`))
  return rows.map(toSession)
}

/**
 * Lists who is connected to the target database, who waits for what, and who blocks whom, the oldest transaction first.
 * @throws {CruddurError} those of `connect`
 */
export async function listSessions(options: DatabaseVerbOptions): Promise<Session[]> {
  const connection = await connect(options.target, connectOptions(options))
  try {
    return await readSessions(connection, options.target.database)
  } finally {
    connection.leave()
  }
}

/** Who blocks whom: for each blocking pid the sessions that wait for it, directly. */
export function blockingTree(sessions: readonly Session[]): Map<number, number[]> {
  const tree = new Map<number, number[]>()
  for (const session of sessions)
    for (const blocker of session.blockedBy) tree.set(blocker, [...(tree.get(blocker) ?? []), session.pid])
  return tree
}
