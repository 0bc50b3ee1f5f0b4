import { CruddurError } from '../errors.ts'
import type { Connection } from '../postgres/connection.ts'
import { pipeline, quoteIdentifier, quoteLiteral, rowsOf, type QueryResult } from '../postgres/query.ts'
import { ServerError } from '../postgres/server-message.ts'
import { serverVersionNumber } from '../postgres/server-version.ts'
import { sha256 } from '../sha256.ts'

/** What the names of cached databases begin with. */
const PREFIX = 'cruddur_cache_'
/** How many are kept for a project: the schema of the branch one is on, and that of the one before. */
const KEPT = 2
/** Age at which a cached database is no longer used, in milliseconds: seeds say `current_timestamp`. */
const MAX_AGE = 24 * 60 * 60 * 1000
/** From this size on (bytes), copying files beats copying through the log. Measured with 1,000 tables: 0.34 s against 0.75 s. */
const FILE_COPY_BYTES = 64 * 1024 * 1024
/** The first version with a choice of strategy (`server_version_num`). */
const STRATEGY_SINCE = 150_000

/** A database that was kept after a load, to be copied instead of loading again. */
export interface CachedDatabase {
  name: string
  bytes: number
  /** Whether it is complete and young enough to be used. */
  usable: boolean
  /** Whether its removal was broken off: the server lets nothing be done with it but removing it. */
  broken: boolean
}

/** `datconnlimit` of a database whose removal was broken off (`DATCONNLIMIT_INVALID_DB` in PostgreSQL's sources). */
const INVALID_LIMIT = -2

/** Names the cached database for a key; `project` keeps projects that share a server apart. */
export function cacheName(project: string, key: string): string {
  return `${projectPrefix(project)}${sha256().update(key).digest('hex').slice(0, 24)}`
}

function projectPrefix(project: string): string {
  return `${PREFIX}${sha256().update(project).digest('hex').slice(0, 8)}_`
}

/** The query for the cached databases of a project, the newest first. */
export function cachedQuery(project: string): string {
  const prefix = projectPrefix(project)
  return `SELECT datname::text AS name, pg_catalog.shobj_description(oid, 'pg_database') AS created_at,
  pg_catalog.pg_database_size(oid)::text AS bytes, datistemplate::text AS template, (datconnlimit = ${INVALID_LIMIT})::text AS broken
FROM pg_catalog.pg_database WHERE pg_catalog.left(datname::text, ${prefix.length}) = ${quoteLiteral(prefix)} ORDER BY 2 DESC NULLS LAST`
}

/** Makes cached databases of what that query brought. */
export function toCached(result: QueryResult | undefined): CachedDatabase[] {
  type Row = Record<'name' | 'created_at' | 'bytes' | 'template' | 'broken', string | null>
  return rowsOf<Row>(result).map((row) => ({
    name: row.name ?? '',
    bytes: Number(row.bytes),
    // Of the future it is when another machine's clock is wrong: its age is not known then.
    usable: row.template === 'true' && Math.abs(Date.now() - Date.parse(row.created_at ?? '')) < MAX_AGE,
    broken: row.broken === 'true',
  }))
}

/** CREATE DATABASE as a copy of a cached one. */
export function cloneStatement(database: string, cached: CachedDatabase, connection: Connection): string {
  const version = serverVersionNumber(connection.parameters)
  const strategy = version >= STRATEGY_SINCE && cached.bytes > FILE_COPY_BYTES ? ' STRATEGY FILE_COPY' : ''
  return `CREATE DATABASE ${quoteIdentifier(database)} TEMPLATE ${quoteIdentifier(cached.name)}${strategy}`
}

/**
 * The query for what a loaded database has that a copy of it would lack: settings, rights, a comment, another owner or a
 * limit of the database itself.
 */
function notCopiedQuery(database: string): string {
  return `SELECT CASE
  WHEN EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid) THEN 'the database has settings of its own'
  WHEN pg_catalog.pg_get_userbyid(d.datdba) <> current_user THEN 'the database has another owner'
  WHEN d.datconnlimit <> -1 THEN 'the database has a limit of connections'
  WHEN d.datacl IS NOT NULL THEN 'the database has rights of its own'
  WHEN pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL THEN 'the database has a comment of its own'
END AS reason FROM pg_catalog.pg_database d WHERE d.datname = ${quoteLiteral(database)}`
}

/**
 * Keeps a copy of a freshly loaded database, which nobody may be connected to, and lets go of old ones of the same
 * project, in one round trip. CREATE DATABASE is all or nothing: what bears the name and the comment is complete.
 * @param present the project's cached databases, the newest first
 * @returns why there is no copy now, or `undefined`; a failure is no reason to fail the setup
 */
export async function storeCached(
  connection: Connection,
  database: string,
  name: string,
  present: readonly CachedDatabase[],
): Promise<string | undefined> {
  const outdated = present.filter((other) => other.name === name)
  const surplus = present.filter((other) => other.name !== name).slice(KEPT - 1)
  try {
    const [reason, ...outcomes] = await pipeline(connection, [
      notCopiedQuery(database),
      ...[...outdated, ...surplus].flatMap(dropStatements),
      `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(database)} ALLOW_CONNECTIONS false IS_TEMPLATE true`,
      `COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(new Date().toISOString())}`,
    ])
    const failed = outcomes.slice(-2).find((outcome) => outcome.error)
    if (failed?.error) return failed.error.message
    const lacking = reason?.results[0]?.rows[0]?.[0] ?? undefined
    if (lacking !== undefined) await pipeline(connection, dropStatements({ name, broken: false }))
    return lacking
  } catch (error) {
    // The server ends sessions that touch a database which another one is just removing.
    if (error instanceof CruddurError && error.code === 'CONNECTION_LOST') return error.message
    throw error
  }
}

function dropStatements({ name, broken }: Pick<CachedDatabase, 'name' | 'broken'>): string[] {
  return [
    ...(broken ? [] : [`ALTER DATABASE ${quoteIdentifier(name)} WITH IS_TEMPLATE false`]),
    `DROP DATABASE ${quoteIdentifier(name)}`,
  ]
}

/** SQLSTATEs of CREATE DATABASE when its template is gone, or is being removed or written just now. */
const TEMPLATE_GONE = new Set(['3D000', '55006', '55000'])

/** Whether a copy failed because somebody else has removed the cached database meanwhile, or is about to. */
export function isGone(cached: CachedDatabase, error: unknown): boolean {
  return (
    error instanceof ServerError &&
    TEMPLATE_GONE.has(error.sqlstate) &&
    error.server.message.includes(cached.name)
  )
}
