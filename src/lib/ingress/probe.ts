import { createConnection, type Socket } from 'node:net'
import { InterruptedError } from '../errors.ts'

/** Where a database listens. */
export interface Endpoint {
  host: string
  port: number
}

/** Begins a connection. */
export type Dial = (endpoint: Endpoint) => Socket

/**
 * Whether a TCP connection can be made, which is closed at once. One that is not answered is tried again by the system itself,
 * so that a rule may take its time to hold.
 * @param timeout milliseconds
 * @returns `undefined` if it can; else why not: `ETIMEDOUT` without an answer, or the system's code, e.g. `ECONNREFUSED`
 * @throws {InterruptedError} when the signal is aborted
 */
export function probe(
  endpoint: Endpoint,
  timeout: number,
  { dial = createConnection, signal }: { dial?: Dial | undefined; signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = dial(endpoint)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      socket.destroy()
      settle()
    }
    const giveUp = () => end(() => reject(new InterruptedError()))
    const timer = setTimeout(() => end(() => resolve('ETIMEDOUT')), timeout)
    signal?.addEventListener('abort', giveUp, { once: true })
    socket.once('connect', () => end(() => resolve(undefined)))
    socket.on('error', (error: NodeJS.ErrnoException) => end(() => resolve(error.code ?? 'ECONNRESET')))
    if (signal?.aborted) giveUp()
  })
}
