import type { VerbOptions } from '../progress.ts'
import type { Target } from '../target/connection-url.ts'
import { requireConfirmation, type Confirmation } from '../target/guard.ts'
import type { ConnectOptions } from './connect.ts'
import type { Connection } from './connection.ts'
import { readGuardFacts, type DatabaseFacts } from './database-facts.ts'
import type { TlsSources } from './tls.ts'

/** What every verb on a database takes. */
export interface DatabaseVerbOptions extends VerbOptions {
  /** Which database is meant. */
  target: Target
  /** Why the target is protected whatever the database itself says, e.g. that it was asked for as `prod`. */
  protectedBecause?: string | undefined
  /** The database's name, or a function that asks for it: needed for protected databases. */
  confirm?: Confirmation
  /** Milliseconds to wait for a server that is not there yet. */
  wait?: number | undefined
  tlsSources?: TlsSources | undefined
}

/** What IF EXISTS and IF NOT EXISTS say when there was nothing to do: the reason why people stop reading notices. */
const IDLE_NOTICE = /, skipping$/

/** The options for `connect` that a verb hands on. */
export function connectOptions(options: DatabaseVerbOptions): ConnectOptions {
  return {
    signal: options.signal,
    wait: options.wait,
    tlsSources: options.tlsSources,
    onNotice: ({ severity, message }) => {
      if (severity === 'WARNING') options.onProgress?.({ type: 'note', level: 'warning', text: message })
      else if (!IDLE_NOTICE.test(message))
        options.onProgress?.({ type: 'note', level: 'info', text: message })
    },
  }
}

/**
 * Asks for confirmation if the database is protected: it was asked for as such, or bears the mark. The session that
 * the facts were read on must be the one that does the work, so that no other server can stand in its place.
 * @throws {CruddurError} `NOT_CONFIRMED`
 */
export async function guard(
  action: string,
  connection: Connection,
  facts: DatabaseFacts,
  options: DatabaseVerbOptions,
): Promise<void> {
  const reason =
    options.protectedBecause ??
    (facts.production ? 'it bears the mark cruddur.environment = production' : undefined)
  if (reason === undefined) return
  const question = { action, reason, facts: await readGuardFacts(connection, options.target.database, facts) }
  await requireConfirmation(question, options.confirm, options.target)
}
