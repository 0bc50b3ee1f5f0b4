import { parseConnectionUrl, type Target } from '../target/connection-url.ts'
import { LOOPBACK } from './port.ts'

/** The superuser of every embedded server. */
export const SUPERUSER = 'postgres'

/** A server that runs, and how to get in. */
export interface ServerInfo {
  host: string
  port: number
  user: string
  /** A secret: for connecting only, never to be shown. */
  password: string
  /** As PostgreSQL counts, e.g. `17.10`. */
  version: string
  pid: number
  dataDirectory: string
  logFile: string
  /** Since when it runs. */
  since: Date
  /** Whether this call has started it; false when it was running. */
  startedNow: boolean
}

/** The target that means a database of the embedded server. */
export function embeddedTarget(server: Pick<ServerInfo, 'port' | 'password'>, database = 'postgres'): Target {
  const { port, password } = server
  const target = parseConnectionUrl(`postgres://${SUPERUSER}@${LOOPBACK}:${port}/?sslmode=disable`)
  return { ...target, password, database }
}
