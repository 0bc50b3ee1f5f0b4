import { parseConnectionUrl } from '../../target/connection-url.ts'
import { masterUrl } from '../login/master-url.ts'
import type { NewDatabase } from './new-database.ts'

/**
 * The name under which the URL of a database that is being made stands in `.env`. RDS gives it a host name only after minutes,
 * and never tells a password: whatever happens meanwhile, it is here.
 */
export const PENDING_URL = 'PROD_CONNECTION_URL_PENDING'

/** What tells one request to make a database from any other. */
export interface PendingRequest {
  /** The database's identifier. */
  id: string
  region: string
  /** The value of the database's tag `TAG.request`. */
  request: string
}

/** A request whose outcome has not been seen yet, with the password that was sent with it, if there was one. */
export interface Pending extends PendingRequest {
  password: string | undefined
}

/** Below a name that never belongs to anybody (RFC 2606). */
const HOST = /^([a-z0-9-]+)\.([a-z0-9]+)\.([a-z0-9-]+)\.rds\.invalid$/

/** The URL to keep until the host name is known; in its place stands what tells the request. */
export function pendingUrl(
  { port, masterUser, databaseName }: Pick<NewDatabase, 'port' | 'masterUser' | 'databaseName'>,
  { id, request, region, password }: Pending,
): string {
  return masterUrl(
    { endpoint: { host: `${id}.${request}.${region}.rds.invalid`, port }, masterUser, databaseName },
    password,
  )
}

/** Reads such a URL; `undefined` for any other text. */
export function readPendingUrl(text: string | undefined): Pending | undefined {
  if (text === undefined) return undefined
  try {
    const { host, password } = parseConnectionUrl(text)
    const [, id, request, region] = HOST.exec(host) ?? []
    return id && request && region ? { id, request, region, password } : undefined
  } catch {
    // Somebody has changed it: there is nothing to go by.
    return undefined
  }
}
