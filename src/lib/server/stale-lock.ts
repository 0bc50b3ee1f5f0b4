import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { throwIfAborted } from '../errors.ts'
import { errnoOf } from './errno.ts'
import { parsePidFile, pidFilePath, readPidFile } from './pid-file.ts'
import { identify, type Identity } from './postmaster.ts'
import { processesIn } from './process-table.ts'
import { POLL_PAUSE } from './running.ts'
import type { StateFolder } from './state-folder.ts'

/**
 * How long a process that has ended may go unnoticed by its parent before its number is disregarded, in milliseconds. In a
 * container without an init process nobody ever takes note.
 */
const PATIENCE = 5_000

/** A lock whose text is empty or cut off: a server is writing it just now, or the disk was full when one did. */
type LockState = Identity | 'none' | 'incomplete'

async function inspect(state: StateFolder, text: string | undefined): Promise<LockState> {
  if (text === undefined) return 'none'
  const pidFile = parsePidFile(text)
  if (pidFile) return identify(pidFile, state.dataDirectory)
  return (await processesIn(state.dataDirectory)).length > 0 ? 'unknown' : 'incomplete'
}

/**
 * Takes a `postmaster.pid` away that has been proven to be nobody's. Should another server have put its own there in the
 * meantime, that one comes back.
 */
async function takeAway(state: StateFolder, expected: string): Promise<void> {
  const path = pidFilePath(state.dataDirectory)
  const aside = `${path}.${randomBytes(6).toString('hex')}.stale`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== expected) await link(aside, path)
  } catch (error) {
    // Gone already (ENOENT), or a third one has come (EEXIST): either way PostgreSQL decides.
    if (!['ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

/**
 * Clears a `postmaster.pid` out of the way that PostgreSQL would take for a running server's although it is none: its
 * process is another program (numbers are used again), or the server of the folder that this one was copied from, or has
 * ended and was not taken note of. Where the process is gone, PostgreSQL sees so itself; where nothing is certain, the
 * file stays.
 * @throws {InterruptedError}
 */
export async function clearStaleLock(state: StateFolder, signal: AbortSignal | undefined): Promise<void> {
  const started = performance.now()
  for (;;) {
    throwIfAborted(signal)
    const text = await readPidFile(state.dataDirectory)
    const found = await inspect(state, text)
    if (text === undefined || !['foreign', 'zombie', 'incomplete'].includes(found)) return
    if (found === 'foreign' || performance.now() - started > PATIENCE) return takeAway(state, text)
    await pause(POLL_PAUSE)
  }
}
