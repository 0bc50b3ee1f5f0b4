import { CruddurError } from '../errors.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { readFacts } from './database-facts.ts'
import { connectOptions, type DatabaseVerbOptions } from './database-verb.ts'
import { connectBeside } from './maintenance.ts'
import { queryRows } from './query.ts'

/** What `db status` shows of a server and a database on it. */
export interface DatabaseStatus {
  host: string
  port: number
  /** The address that answers; behind a tunnel it is not what the host suggests. */
  serverAddress: string | undefined
  serverVersion: string
  encrypted: boolean
  /** Milliseconds from a question to its answer. */
  roundTrip: number
  user: string
  database: string
  exists: boolean
  owner: string | undefined
  /** Whether it bears the mark `cruddur.environment = production`. */
  production: boolean
  /** Bytes on disk. */
  bytes: number | undefined
  /** Tables outside the system's schemas; a schema has been loaded when there are any. */
  tables: number | undefined
  schemaLoaded: boolean
  /** Other sessions in the database. */
  sessions: number
}

/**
 * Looks at the server and the target database. A database that does not exist is a finding, not an error.
 * @throws {CruddurError} those of `connect`
 */
export async function databaseStatus(options: DatabaseVerbOptions): Promise<DatabaseStatus> {
  const { connection, exists } = await connectNear(options)
  try {
    return await describe(connection, options.target.database, exists)
  } finally {
    connection.leave()
  }
}

async function connectNear(
  options: DatabaseVerbOptions,
): Promise<{ connection: Connection; exists: boolean }> {
  try {
    return { connection: await connect(options.target, connectOptions(options)), exists: true }
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code !== 'NO_DATABASE') throw error
    return { connection: await connectBeside(options), exists: false }
  }
}

/** Tables of the application; what extensions brought along does not count. */
const TABLES = `(SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))`

async function describe(connection: Connection, database: string, exists: boolean): Promise<DatabaseStatus> {
  const asked = performance.now()
  const facts = await readFacts(connection, database)
  const roundTrip = performance.now() - asked
  const [row] = await queryRows<{ address: string | null; bytes: string | null; tables: string | null }>(
    connection,
    `SELECT host(inet_server_addr()) AS address${exists ? `, pg_database_size(current_database())::text AS bytes, ${TABLES}::text AS tables` : ', NULL AS bytes, NULL AS tables'}`,
  )
  const tables = row?.tables ? Number(row.tables) : undefined
  return {
    host: connection.target.host,
    port: connection.target.port,
    serverAddress: row?.address ?? undefined,
    serverVersion: facts.serverVersion,
    encrypted: connection.encrypted,
    roundTrip: Math.round(roundTrip * 10) / 10,
    user: connection.target.user,
    database,
    exists: facts.oid !== undefined,
    owner: facts.owner,
    production: facts.production,
    bytes: row?.bytes ? Number(row.bytes) : undefined,
    tables,
    schemaLoaded: (tables ?? 0) > 0,
    sessions: facts.sessions,
  }
}
