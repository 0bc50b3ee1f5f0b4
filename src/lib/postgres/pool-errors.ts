import postgres from 'postgres'
import type { Target } from '../target/connection-url.ts'
import { CruddurError } from '../errors.ts'
import { lostError, startupError, timeoutError } from './connection-errors.ts'
import { ServerError, type ServerMessage } from './server-message.ts'

/** What a pool knows of its connections when one of them fails. */
export interface PoolFacts {
  target: Target
  /** Milliseconds that a connection may take. */
  timeout: number
  /** Whether the last connection that was opened is encrypted. */
  encrypted: boolean
}

/** Codes of the driver, and of the sockets beneath it, for a connection that broke. */
const LOST = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])

/** SQLSTATEs with which a server ends a session: class 57P but those of the start, and timeouts ("Error Codes"). */
const ENDED = new Set(['57P01', '57P02', '57P04', '57P05', '25P03', '25P04'])

/**
 * Puts an error of the driver into ours: what the server said as `ServerError`, what became of the connection as
 * `CruddurError`; anything else is returned as it is.
 */
export function poolError(error: unknown, { target, timeout, encrypted }: PoolFacts): unknown {
  if (error instanceof postgres.PostgresError) {
    const facts = serverMessage(error)
    if (facts.severity !== 'FATAL') return new ServerError(facts)
    return ENDED.has(facts.sqlstate)
      ? lostError(target, facts, error)
      : startupError(facts, target, encrypted)
  }
  if (!(error instanceof Error) || error instanceof CruddurError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'CONNECTION_ENDED')
    return new CruddurError('The pool has been closed.', {
      code: 'POOL_ENDED',
      hint: 'Make another one with createPool, or close it later.',
      cause: error,
    })
  if (code === 'CONNECT_TIMEOUT') return timeoutError(target, timeout)
  return code !== undefined && LOST.has(code) ? lostError(target, undefined, error) : error
}

function serverMessage(error: postgres.PostgresError): ServerMessage {
  const { detail, hint, position, where } = error
  const texts = {
    detail,
    hint,
    where,
    schema: error.schema_name,
    table: error.table_name,
    column: error.column_name,
    constraint: error.constraint_name,
  }
  const given = Object.entries(texts).filter(([, text]) => text)
  return {
    severity: error.severity,
    sqlstate: error.code,
    message: error.message,
    ...Object.fromEntries(given),
    ...(position ? { position: Number(position) } : {}),
  }
}
