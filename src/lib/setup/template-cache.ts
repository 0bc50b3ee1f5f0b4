import { createHash } from 'node:crypto'
import type { Connection } from '../postgres/connection.ts'
import { pipeline, queryRows, quoteIdentifier, quoteLiteral } from '../postgres/query.ts'
import { serverVersionNumber } from '../script/live-session.ts'

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
  /** When it was made. */
  createdAt: Date
  bytes: number
}

/** Names the cached database for a key; `project` keeps projects that share a server apart. */
export function cacheName(project: string, key: string): string {
  return `${projectPrefix(project)}${createHash('sha256').update(key).digest('hex').slice(0, 24)}`
}

function projectPrefix(project: string): string {
  return `${PREFIX}${createHash('sha256').update(project).digest('hex').slice(0, 8)}_`
}

/** What there is under a cached database's name: one that may be used, one that is too old, or none. */
export type CacheState =
  | { state: 'usable'; cached: CachedDatabase }
  | { state: 'outdated' }
  | { state: 'absent' }

/** Looks for a cached database. */
export async function findCached(connection: Connection, name: string): Promise<CacheState> {
  const [row] = await queryRows<{ created_at: string | null; bytes: string | null; template: string }>(
    connection,
    `SELECT pg_catalog.shobj_description(oid, 'pg_database') AS created_at, pg_catalog.pg_database_size(oid)::text AS bytes,
  datistemplate::text AS template
FROM pg_catalog.pg_database WHERE datname = ${quoteLiteral(name)}`,
  )
  if (!row) return { state: 'absent' }
  const createdAt = new Date(row.created_at ?? Number.NaN)
  const fresh = row.template === 'true' && Date.now() - createdAt.getTime() < MAX_AGE
  return fresh
    ? { state: 'usable', cached: { name, createdAt, bytes: Number(row.bytes ?? 0) } }
    : { state: 'outdated' }
}

/** CREATE DATABASE as a copy of a cached one. */
export function cloneStatement(database: string, cached: CachedDatabase, connection: Connection): string {
  const version = serverVersionNumber(connection.parameters.get('server_version') ?? '')
  const strategy = version >= STRATEGY_SINCE && cached.bytes > FILE_COPY_BYTES ? ' STRATEGY FILE_COPY' : ''
  return `CREATE DATABASE ${quoteIdentifier(database)} TEMPLATE ${quoteIdentifier(cached.name)}${strategy}`
}

/**
 * What a loaded database has that a copy of it would lack: settings, rights or a comment of the database itself.
 * @returns in words, or `undefined` when a copy is as good
 */
export async function notCopied(connection: Connection, database: string): Promise<string | undefined> {
  const [row] = await queryRows<{ settings: string; rights: string; comment: string }>(
    connection,
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid)::text AS settings,
  (d.datacl IS NOT NULL)::text AS rights, (pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL)::text AS comment
FROM pg_catalog.pg_database d WHERE d.datname = ${quoteLiteral(database)}`,
  )
  if (row?.settings === 'true') return 'the database has settings of its own'
  if (row?.rights === 'true') return 'the database has rights of its own'
  return row?.comment === 'true' ? 'the database has a comment of its own' : undefined
}

/**
 * Keeps a copy of a freshly loaded database, which nobody may be connected to, and lets go of old ones of the same
 * project. CREATE DATABASE is all or nothing: what bears the name is complete.
 * @param outdated whether an old one of that name is there
 * @returns what went wrong, or `undefined`; a failure is no reason to fail the setup
 */
export async function storeCached(
  connection: Connection,
  database: string,
  { project, name, outdated }: { project: string; name: string; outdated: boolean },
): Promise<string | undefined> {
  const outcomes = await pipeline(connection, [
    ...(outdated ? dropStatements(name) : []),
    `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(database)} ALLOW_CONNECTIONS false IS_TEMPLATE true`,
    `COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(new Date().toISOString())}`,
  ])
  const failed = outcomes.find((outcome) => outcome.error)
  if (failed?.error) return failed.error.message
  await prune(connection, project)
  return undefined
}

function dropStatements(name: string): string[] {
  return [
    `ALTER DATABASE ${quoteIdentifier(name)} WITH IS_TEMPLATE false`,
    `DROP DATABASE ${quoteIdentifier(name)}`,
  ]
}

/** Drops all but the newest cached databases of a project. */
async function prune(connection: Connection, project: string): Promise<void> {
  const prefix = projectPrefix(project)
  const rows = await queryRows<{ name: string }>(
    connection,
    `SELECT datname::text AS name FROM pg_catalog.pg_database WHERE pg_catalog.left(datname::text, ${prefix.length}) = ${quoteLiteral(prefix)}
ORDER BY pg_catalog.shobj_description(oid, 'pg_database') DESC NULLS LAST OFFSET ${KEPT}`,
  )
  if (rows.length > 0)
    await pipeline(
      connection,
      rows.flatMap(({ name }) => dropStatements(name)),
    )
}
