import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { throwIfAborted } from '../errors.ts'
import { readIfThere } from './files.ts'
import { parsePidFile, type PidFile, readPidFile } from './pid-file.ts'
import { identify } from './postmaster.ts'
import type { StateFolder } from './state-folder.ts'

/** Pause between two looks at a server that is starting or stopping, in milliseconds. */
export const POLL_PAUSE = 20

/** A server as its `postmaster.pid` describes it. */
export interface Postmaster extends PidFile {
  /** Whether the process table confirms it; false where the system does not tell. */
  confirmed: boolean
}

/**
 * The server of this data directory, as its `postmaster.pid` describes it and the process table confirms it;
 * `undefined` when it does not run. It may be starting or stopping.
 */
export async function findPostmaster(state: StateFolder): Promise<Postmaster | undefined> {
  const pidFile = parsePidFile((await readPidFile(state.dataDirectory)) ?? '')
  if (pidFile === undefined) return undefined
  const identity = await identify(pidFile, state.dataDirectory)
  return identity === 'ours' || identity === 'unknown'
    ? { ...pidFile, confirmed: identity === 'ours' }
    : undefined
}

/**
 * Waits while a server is starting or stopping.
 * @param deadline of `performance.now()`, in milliseconds
 * @returns the server when it accepts connections; `undefined` when there is none, or not in time
 */
export async function awaitReady(
  state: StateFolder,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Postmaster | undefined> {
  for (;;) {
    const found = await findPostmaster(state)
    if (found === undefined || found.ready) return found
    if (performance.now() > deadline) return undefined
    throwIfAborted(signal)
    await pause(POLL_PAUSE)
  }
}

/** The major version that the data belong to, e.g. `17`; `undefined` when the folder does not say. */
export async function dataMajor(state: StateFolder): Promise<string | undefined> {
  return (await readIfThere(join(state.dataDirectory, 'PG_VERSION')))?.trim()
}
