import { connectionUrl } from '../../target/connection-url.ts'
import { MASK } from '../../target/redact.ts'
import type { Database } from '../database.ts'

/** What of a database is in its connection URL. */
export type UrlParts = Pick<Database, 'databaseName' | 'masterUser'> & {
  endpoint: { host: string; port: number }
  capacity?: Database['capacity']
}

/** Every server of PostgreSQL on RDS has it; it is what is left where none was made with the instance. */
const DEFAULT_DATABASE = 'postgres'

/**
 * Milliseconds that a connection to a paused cluster needs at most: it takes about 15 s to wake up, and 30 s or more after a
 * day ("Scaling to Zero ACUs with automatic pause and resume" of the Aurora user guide). Many clients give up after 10.
 */
export const WAKING = 40_000

/** Whether a database, a cluster of Aurora Serverless v2, pauses when nobody is connected. */
function mayPause({ capacity }: { capacity?: Database['capacity'] }): boolean {
  return capacity?.min === 0
}

/** The name of the database that the connection URL leads to. */
function databaseNameOf({ databaseName }: Pick<UrlParts, 'databaseName'>): string {
  return databaseName ?? DEFAULT_DATABASE
}

/**
 * The connection URL of a database, with everything that needs it percent-encoded. The server's certificate and name are
 * always verified.
 * @param password left out where it is not known
 */
export function masterUrl(database: UrlParts, password?: string): string {
  const { endpoint, masterUser: user } = database
  return connectionUrl({
    ...endpoint,
    user,
    password,
    database: databaseNameOf(database),
    sslMode: 'verify-full',
    connectTimeout: mayPause(database) ? WAKING : undefined,
  })
}

/** The same as it may be shown of a database whose password is known: with a mask in its place. */
export function redactedMasterUrl(database: UrlParts): string {
  // The user name's own @ would be encoded.
  return masterUrl(database).replace('@', `:${MASK}@`)
}
