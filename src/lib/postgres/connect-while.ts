import type { Connection } from './connection.ts'
import type { DatabaseVerbOptions } from './database-verb.ts'

/**
 * Connects while the work is being prepared. When the preparation fails, that is the error, whatever becomes of the
 * connection, and nothing has been asked of the server.
 * @param open opens the session, with the options that it is given
 * @throws what `preparing` rejects with, else what `open` throws
 */
export async function connectWhile<T extends DatabaseVerbOptions>(
  preparing: Promise<unknown>,
  options: T,
  open: (options: T) => Promise<Connection>,
): Promise<Connection> {
  const unwanted = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, unwanted.signal]) : unwanted.signal
  const connecting = open({ ...options, signal })
  connecting.catch(() => undefined)
  try {
    await preparing
  } catch (error) {
    unwanted.abort()
    connecting.then(
      (connection) => connection.leave(),
      () => undefined,
    )
    throw error
  }
  return connecting
}
