import { setTimeout as pause } from 'node:timers/promises'
import { CruddurError, InterruptedError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { findBinaries } from './binaries.ts'
import { identify, type Identity } from './postmaster.ts'
import { runProgram } from './program.ts'
import { findPostmaster, POLL_PAUSE, type Postmaster } from './running.ts'
import { serverFileError } from './server-errors.ts'
import { findState, type StateFolder } from './state-folder.ts'

export interface StopServerOptions extends VerbOptions {
  /** The project that the server belongs to: an existing folder. */
  projectRoot: string
  /** How long a shutdown may take, in milliseconds. */
  timeout?: number | undefined
}

/** A fast shutdown writes a checkpoint: a minute is enough for what fits into memory. */
const DEFAULT_TIMEOUT = 60_000

export interface StopServerResult {
  /** False when there was nothing to stop. */
  wasRunning: boolean
  /** Of the server that was stopped. */
  pid: number | undefined
  port: number | undefined
}

/** Fast shutdown: sessions are ended, transactions rolled back, everything written ("Shutting Down the Server"). */
async function requestShutdown({ pid }: Postmaster, state: StateFolder): Promise<void> {
  if (process.platform === 'win32') {
    // There are no signals; pg_ctl tells the server by a pipe of its own.
    const { pgCtl } = await findBinaries()
    await runProgram(pgCtl, ['stop', '-W', '-m', 'fast', '-D', state.dataDirectory])
  } else process.kill(pid, 'SIGINT')
}

/** Where the system does not tell, any process of that number counts. */
function isAlive(identity: Identity): boolean {
  return identity === 'ours' || identity === 'unknown'
}

async function stopPostmaster(
  postmaster: Postmaster,
  state: StateFolder,
  { signal, timeout = DEFAULT_TIMEOUT }: StopServerOptions,
): Promise<void> {
  await requestShutdown(postmaster, state)
  const deadline = performance.now() + timeout
  while (isAlive(await identify(postmaster, state.dataDirectory))) {
    if (signal?.aborted) throw new InterruptedError('Interrupted; the server goes on shutting down.')
    if (performance.now() > deadline)
      throw new CruddurError(`The embedded PostgreSQL (process ${postmaster.pid}) is still shutting down.`, {
        code: 'SERVER_STOP_TIMEOUT',
        hint: `See ${state.logFile} for what it waits for, and run the command again.`,
        details: { pid: postmaster.pid, logFile: state.logFile },
      })
    await pause(POLL_PAUSE)
  }
}

/** A process is signalled only when it is certain that it is this folder's server. */
function uncertain(state: StateFolder, { pid }: Postmaster): CruddurError {
  return new CruddurError(
    `It is not certain that process ${pid}, named in ${state.dataDirectory}, is the embedded server; it was left alone.`,
    {
      code: 'SERVER_UNCERTAIN',
      hint: `If it is, stop it by kill -INT ${pid}; if it is not, remove postmaster.pid there.`,
      details: { pid, dataDirectory: state.dataDirectory },
    },
  )
}

/**
 * Stops the project's embedded server and waits until it is gone. Before anything is signalled, the process is known to
 * be the server of this very data directory. Does nothing when it does not run.
 * @throws {CruddurError} `SERVER_STOP_TIMEOUT`, `SERVER_UNCERTAIN`, `SERVER_NOT_YOURS`, `INTERRUPTED`
 */
export async function stopServer(options: StopServerOptions): Promise<StopServerResult> {
  try {
    const state = await findState(options.projectRoot)
    const postmaster = state && (await findPostmaster(state))
    if (!state || !postmaster) return { wasRunning: false, pid: undefined, port: undefined }
    if (!postmaster.confirmed && process.platform !== 'win32') throw uncertain(state, postmaster)
    await runStep(
      options.onProgress,
      'stop',
      'Stopping PostgreSQL',
      () => stopPostmaster(postmaster, state, options),
      () => 'PostgreSQL is stopped',
    )
    return { wasRunning: true, pid: postmaster.pid, port: postmaster.port }
  } catch (error) {
    throw serverFileError(error, options.projectRoot)
  }
}
