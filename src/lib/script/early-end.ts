import { CruddurError, InterruptedError } from '../errors.ts'

/**
 * What is left of scripts that ended early: `nothing`, what they had `committed` so far, or `unknown` when the
 * connection broke while the last COMMIT was on its way.
 */
export type Remains = 'nothing' | 'committed' | 'unknown'

const INTERRUPTED: Readonly<Record<Remains, string>> = {
  nothing: 'Interrupted; the transaction was rolled back, the database is as before.',
  committed: 'Interrupted; what had been committed before stays.',
  unknown: 'Interrupted while the transaction was being committed: it is not known whether it took effect.',
}

const LOST: Readonly<Record<Remains, string>> = {
  nothing: 'The transaction is rolled back by the server. Try again when it is reachable.',
  committed: 'What had been committed before stays; see how far it got before you load the script again.',
  unknown:
    'The transaction was being committed: see whether it took effect before you load the script again.',
}

/** The error for scripts that were interrupted. */
export function interruptedError(remains: Remains): InterruptedError {
  return new InterruptedError(INTERRUPTED[remains])
}

/** An error with a hint that says what is left, if the connection was lost. */
export function withRemains(error: unknown, remains: Remains): unknown {
  if (!(error instanceof CruddurError) || error.code !== 'CONNECTION_LOST') return error
  const { code, kind, details, message, cause } = error
  return new CruddurError(message, { code, kind, details, cause, hint: LOST[remains] })
}
