import { setTimeout as pause } from 'node:timers/promises'
import { CruddurError, InterruptedError } from './errors.ts'

export interface PollOptions {
  /** Milliseconds after which it gives up waiting; AWS goes on all the same. */
  timeout: number
  /** Milliseconds until the next look, by how long it has been waited for. */
  pace?: ((elapsed: number) => number) | undefined
  signal?: AbortSignal | undefined
}

/** How many looks in a row may fail for want of a network: minutes of work are not given up for a hiccup. */
const FAILURES = 5

/** Often at first, then less: every 5 s for a minute, every 10 s up to five minutes, then every 15 s; not all at the same moment. */
function usualPace(elapsed: number): number {
  const seconds = elapsed < 60_000 ? 5 : elapsed < 300_000 ? 10 : 15
  return seconds * 1000 * (0.8 + 0.4 * Math.random())
}

/**
 * Looks again and again until there is a result. Not one of the SDK's waiters: they take what is not there, a refused
 * connection and an expired login for a reason to wait on, know no "stopped", and wait half an hour between two looks.
 * @param look returns `undefined` to go on waiting; what it throws ends the waiting, unless the network was to blame
 * @returns `undefined` when the time is up
 * @throws {InterruptedError} when the signal is aborted
 */
export async function poll<T>(
  look: (elapsed: number) => Promise<T | undefined>,
  { timeout, pace = usualPace, signal }: PollOptions,
): Promise<T | undefined> {
  const started = performance.now()
  for (let failures = 0; ;) {
    const elapsed = performance.now() - started
    try {
      const found = await look(elapsed)
      if (found !== undefined) return found
      failures = 0
    } catch (error) {
      failures += 1
      if (!(error instanceof CruddurError) || error.kind !== 'unreachable' || failures >= FAILURES)
        throw error
    }
    const left = timeout - (performance.now() - started)
    if (left <= 0) return undefined
    await pause(Math.min(pace(elapsed), left), undefined, signal ? { signal } : {}).catch(() => {
      throw new InterruptedError()
    })
  }
}
