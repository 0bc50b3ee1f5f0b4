import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { tailLines } from './log-tail.ts'
import type { SystemUser } from './passwd.ts'
import { LOOPBACK } from './port.ts'
import { programOptions } from './program.ts'
import { findPostmaster, POLL_PAUSE } from './running.ts'
import type { StateFolder } from './state-folder.ts'

/** Size from which the log begins anew, in bytes; the one before is kept. */
const LOG_LIMIT = 16 * 1024 * 1024

/** How many lines of the log are looked at when a start fails. */
const LOG_LINES = 50

/** A server that was told to start. */
export interface Launched {
  /** Whether it has ended without having come up. */
  hasEnded(): boolean
  /** Why it could not even be started; `undefined` when PostgreSQL itself gave up. */
  failure(): Error | undefined
  /** Whether the running server with this number is the one that was started here. */
  isPid(pid: number): boolean
  /** What it has written since. */
  log(): Promise<string[]>
  /** Stops it again and waits until it is gone. */
  stop(): Promise<void>
}

/** Opens the log for appending; one that has grown too large is put aside first. */
async function openLog(state: StateFolder, user: SystemUser | undefined) {
  const size = await stat(state.logFile).then(
    (facts) => facts.size,
    () => 0,
  )
  if (size > LOG_LIMIT) await rename(state.logFile, `${state.logFile}.old`)
  const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY
  const file = await open(state.logFile, flags, 0o600)
  if (user) await file.chown(user.uid, user.gid)
  return file
}

/** The command line: nothing in it is a secret. Loopback only, and no socket in a folder that all users share. */
function serverArguments(state: StateFolder, port: number): string[] {
  const settings = ['-c', `listen_addresses=${LOOPBACK}`, '-c', 'unix_socket_directories=']
  return ['-D', state.dataDirectory, '-p', String(port), ...settings]
}

/** On Windows pg_ctl must do it: PostgreSQL refuses an administrator's rights, and pg_ctl drops them. */
function spawnServer(
  binaries: Binaries,
  user: SystemUser | undefined,
  state: StateFolder,
  port: number,
  log: number,
): ChildProcess {
  const options = { ...programOptions(user), detached: true }
  const args = serverArguments(state, port)
  if (process.platform !== 'win32')
    return spawn(binaries.postgres, args, { ...options, stdio: ['ignore', log, log] })
  const passedOn = args.slice(2).join(' ')
  const ctl = ['start', '-s', '-w', '-D', state.dataDirectory, '-l', state.logFile, '-o', passedOn]
  return spawn(binaries.pgCtl, ctl, { ...options, stdio: 'ignore' })
}

/** How long a fast shutdown may take before it becomes an immediate one, in milliseconds. */
const FAST_SHUTDOWN = 10_000

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  // Let go of at its start; now this process must live until the server is gone.
  child.ref()
  child.kill('SIGINT')
  const late = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN)
  await ended
  clearTimeout(late)
}

/**
 * Starts PostgreSQL on a state's data, as a process of its own that outlives this one.
 * @param user the account that it runs under; `undefined` for our own
 */
export async function launch(
  state: StateFolder,
  binaries: Binaries,
  user: SystemUser | undefined,
  port: number,
): Promise<Launched> {
  const file = await openLog(state, user)
  const { size } = await file.stat()
  const child = spawnServer(binaries, user, state, port, file.fd)
  let over = false
  let failure: Error | undefined
  const ended = new Promise<void>((resolve) => {
    const finish = () => {
      over = true
      resolve()
    }
    child.once('error', (error) => {
      failure = error
      finish()
    })
    // pg_ctl ends with 0 when the server runs.
    child.once('exit', (code) => (process.platform !== 'win32' || code !== 0) && finish())
  })
  await file.close()
  child.unref()
  return {
    hasEnded: () => over,
    failure: () => failure,
    // pg_ctl's number is not the server's.
    isPid: (pid) => (process.platform === 'win32' ? !over : pid === child.pid),
    log: () => tailLines(state.logFile, LOG_LINES, size),
    stop: () => stopChild(child, ended),
  }
}

/** How a launch came out: the server accepts connections, or its process ended, or it takes too long. */
export type LaunchOutcome = 'ready' | 'ended' | 'late' | 'aborted'

/** Waits until a launched server accepts connections or is known not to. */
export async function watchLaunch(
  state: StateFolder,
  launched: Launched,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<LaunchOutcome> {
  for (;;) {
    if (launched.hasEnded()) return 'ended'
    if ((await findPostmaster(state))?.ready) return 'ready'
    if (signal?.aborted) return 'aborted'
    if (performance.now() > deadline) return 'late'
    await pause(POLL_PAUSE)
  }
}
