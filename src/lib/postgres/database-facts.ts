import { MARK_NAME, PRODUCTION_MARK, type GuardFacts } from '../target/guard.ts'
import { IS_CLIENT } from './client-sessions.ts'
import type { Connection } from './connection.ts'
import { query, queryRows, quoteLiteral, rowsOf, type QueryResult } from './query.ts'

/** What is known of a database before it is touched. */
export interface DatabaseFacts {
  /** `undefined` if there is no such database. */
  oid: string | undefined
  owner: string | undefined
  /** Whether it bears the mark `cruddur.environment = production`. */
  production: boolean
  /** Whether sessions are let in (`ALLOW_CONNECTIONS`). */
  open: boolean
  /** Other sessions in it. */
  sessions: number
  /** Major version of the server, e.g. 17. */
  serverMajor: number
  serverVersion: string
  /** The encoding that a copy of `template1` would have. */
  templateEncoding: string
}

/**
 * Whether a database is marked as production, read from the catalog: the setting that is in force could have been
 * overridden by the connection itself (`options=-c …`) or by the role. The mark is a setting, or a line of the comment.
 */
const MARKED = `(EXISTS (
  SELECT FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) c
  WHERE s.setdatabase = d.oid AND pg_catalog.lower(c) = ${quoteLiteral(`${MARK_NAME}=${PRODUCTION_MARK}`)})
  OR EXISTS (
  SELECT FROM pg_catalog.regexp_split_to_table(pg_catalog.shobj_description(d.oid, 'pg_database'), '[\n\r]+') c
  WHERE pg_catalog.lower(pg_catalog.replace(c, ' ', '')) = ${quoteLiteral(`${MARK_NAME}=${PRODUCTION_MARK}`)}))`

const OTHER_SESSIONS = `(SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
  WHERE a.datid = d.oid AND a.pid <> pg_catalog.pg_backend_pid() AND ${IS_CLIENT})`

/** The query for what is known of a database of this server, in a session in any of its databases. */
export function factsQuery(database: string): string {
  return `SELECT d.oid::text AS oid, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner, (${MARKED})::text AS production,
  d.datallowconn::text AS open, ${OTHER_SESSIONS}::text AS sessions, pg_catalog.pg_encoding_to_char(t.encoding)::text AS template_encoding
FROM pg_catalog.pg_database t LEFT JOIN pg_catalog.pg_database d ON d.datname = ${quoteLiteral(database)}
WHERE t.datname = 'template1'`
}

/** Makes facts of what that query brought. */
export function toFacts(result: QueryResult | undefined, connection: Connection): DatabaseFacts {
  const [row] =
    rowsOf<Record<'oid' | 'owner' | 'production' | 'open' | 'sessions' | 'template_encoding', string | null>>(
      result,
    )
  const serverVersion = connection.parameters.get('server_version') ?? ''
  return {
    oid: row?.oid ?? undefined,
    owner: row?.owner ?? undefined,
    production: row?.production === 'true',
    open: row?.open === 'true',
    sessions: Number(row?.sessions ?? 0),
    serverMajor: Number.parseInt(serverVersion, 10),
    serverVersion,
    templateEncoding: row?.template_encoding ?? '',
  }
}

/** Reads what is known of a database of this server, from a session in any of its databases. */
export async function readFacts(connection: Connection, database: string): Promise<DatabaseFacts> {
  const [result] = await query(connection, factsQuery(database))
  return toFacts(result, connection)
}

/** The further facts that a person must see before a protected database is touched; its size takes a moment. */
export async function readGuardFacts(
  connection: Connection,
  database: string,
  facts: DatabaseFacts,
): Promise<GuardFacts> {
  const [row] = await queryRows<{ address: string | null; bytes: string | null }>(
    connection,
    `SELECT pg_catalog.host(pg_catalog.inet_server_addr()) AS address,
  (SELECT CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END
   FROM pg_catalog.pg_database d WHERE d.datname = ${quoteLiteral(database)})::text AS bytes`,
  )
  return {
    host: connection.target.host,
    port: connection.target.port,
    serverAddress: row?.address ?? undefined,
    database,
    owner: facts.owner,
    bytes: row?.bytes ? Number(row.bytes) : undefined,
    sessions: facts.sessions,
  }
}
