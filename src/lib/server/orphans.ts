import { setTimeout as pause } from 'node:timers/promises'
import { throwIfAborted } from '../errors.ts'
import type { OnProgress } from '../progress.ts'
import { processesIn, type ProcessFacts } from './process-table.ts'
import { POLL_PAUSE } from './running.ts'
import type { StateFolder } from './state-folder.ts'

/** How long orphans get to see by themselves that their server is gone, in milliseconds: most do at once. */
const PATIENCE = 5_000

/**
 * The processes that a killed server has left in its data directory: its children, by their titles, whose parent is no
 * server of this folder.
 */
async function findOrphans(state: StateFolder): Promise<ProcessFacts[]> {
  const inside = await processesIn(state.dataDirectory)
  const pids = new Set(inside.map(({ pid }) => pid))
  return inside.filter(
    ({ command, parentPid, zombie }) => command.startsWith('postgres: ') && !pids.has(parentPid) && !zombie,
  )
}

function end(pid: number): void {
  try {
    // Immediate shutdown of one session; the server's recovery undoes what it had begun.
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended by itself.
  }
}

/**
 * Waits for sessions that outlived their killed server: as long as one is there, PostgreSQL does not start on its data.
 * One that is deep in a computation does not notice by itself, and is ended after a while.
 * @throws {InterruptedError}
 */
export async function clearOrphans(
  state: StateFolder,
  { onProgress, signal }: { onProgress?: OnProgress | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const started = performance.now()
  let ended = false
  for (;;) {
    throwIfAborted(signal)
    const orphans = await findOrphans(state)
    if (orphans.length === 0) return
    const waited = performance.now() - started
    if (waited > PATIENCE && !ended) {
      const text = `Ending ${orphans.length} session(s) of a server that was killed.`
      onProgress?.({ type: 'note', level: 'warning', text })
      for (const { pid } of orphans) end(pid)
      ended = true
    }
    // PostgreSQL says what is wrong when they stay.
    if (waited > 2 * PATIENCE) return
    await pause(POLL_PAUSE)
  }
}
