import { spawn, type SpawnOptions } from 'node:child_process'
import { throwIfAborted } from '../errors.ts'
import type { SystemUser } from './passwd.ts'

/** How a program ended. */
export interface ProgramResult {
  /** The exit code; `null` when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

/**
 * The whole environment of every PostgreSQL program. The caller's own is not passed on: its locale may not exist here,
 * its LD_LIBRARY_PATH and PG… variables would change what runs. (On Windows, Node adds what programs need there.)
 */
const ENVIRONMENT = {
  LC_ALL: 'C',
  LANG: 'C',
  TZ: 'UTC',
  ...(process.platform === 'win32' ? {} : { PATH: '/usr/local/bin:/usr/bin:/bin' }),
}

/** The options of `spawn` for a PostgreSQL program, under the given account where there is one. */
export function programOptions(user: SystemUser | undefined): SpawnOptions {
  return {
    // Not the caller's folder: the account may be unable to enter it.
    cwd: '/',
    env: ENVIRONMENT,
    windowsHide: true,
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  }
}

/** How long a program gets to clean up when it is told to end, in milliseconds. */
const GRACE = 3_000

/** Signals the program and everything it has started: it leads a process group of its own where there are any. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch {
    // It has ended in the meantime.
  }
}

/**
 * Runs a program to its end and gathers what it writes. When the signal is aborted, the program and its children are
 * ended, and the promise rejects after they are gone.
 * @throws {InterruptedError}
 * @throws the error of `spawn` (`ENOENT`, `EACCES`, …) when the program could not be started
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { user, signal }: { user?: SystemUser | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ProgramResult> {
  throwIfAborted(signal)
  const child = spawn(file, args, {
    ...programOptions(user),
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  let grace: NodeJS.Timeout | undefined
  const stop = () => {
    const { pid } = child
    if (pid === undefined) return
    signalGroup(pid, 'SIGTERM')
    grace = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE)
  }
  signal?.addEventListener('abort', stop)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    throwIfAborted(signal)
    return { code, ...output }
  } finally {
    clearTimeout(grace)
    signal?.removeEventListener('abort', stop)
  }
}
