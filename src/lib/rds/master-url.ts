import { connectionUrl, maskedUrl } from '../target/connection-url.ts'
import type { Database } from './database.ts'

/** What of a database is in its connection URL. */
export type UrlParts = Pick<Database, 'databaseName' | 'masterUser'> & {
  endpoint: { host: string; port: number }
}

/** Every server of PostgreSQL on RDS has it; it is what is left where none was made with the instance. */
const DEFAULT_DATABASE = 'postgres'

/** What the URL of a database leads to. The server's certificate and name are always verified. */
function destinationOf({ endpoint, masterUser: user, databaseName }: UrlParts) {
  return { ...endpoint, user, database: databaseName ?? DEFAULT_DATABASE, sslMode: 'verify-full' } as const
}

/**
 * The connection URL of a database, with everything that needs it percent-encoded.
 * @param password left out where it is not known
 */
export function masterUrl(database: UrlParts, password?: string): string {
  return connectionUrl({ ...destinationOf(database), password })
}

/** The same as it may be shown of a database whose password is known: with a mask in its place. */
export function redactedMasterUrl(database: UrlParts): string {
  return maskedUrl(destinationOf(database))
}
