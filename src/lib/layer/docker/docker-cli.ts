import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { CruddurError, InterruptedError, throwIfAborted } from '../../errors.ts'
import { howToInstall } from './engine-help.ts'

/**
 * The `docker` program. It is called rather than the engine's API because it knows which engine is meant: contexts (colima,
 * Rancher, a remote one), DOCKER_HOST, credential helpers.
 */
export interface DockerCli {
  /** Its name, or a path. */
  program: string
  /** The environment it gets, with the PATH it is looked for in. */
  environment: Readonly<Record<string, string | undefined>>
  /** The system that it runs on, for what messages advise. */
  system: NodeJS.Platform
  /** What can be done without Docker, as a sentence for messages. */
  otherwise?: string | undefined
}

/** How a call ended. */
export interface CallEnd {
  code: number | null
  stdout: string
  stderr: string
}

export interface CallOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds after which it is killed; its code is `null` then. */
  timeout?: number | undefined
  /** Is told each line of stdout as it comes. */
  onLine?: ((line: string) => void) | undefined
}

export type DockerProcess = ChildProcessByStdio<Writable, Readable, Readable>

/** Characters that are kept of what a call says. */
const MOST_TEXT = 4_194_304

/**
 * Starts docker, without a shell. It is not in our group of processes: Ctrl-C in a terminal reaches only us, and we decide.
 * @param environment what it gets besides
 */
export function spawnDocker(
  docker: DockerCli,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): DockerProcess {
  return spawn(docker.program, args, {
    env: { ...docker.environment, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: docker.system !== 'win32',
    windowsHide: true,
  })
}

/**
 * Calls docker and waits for its end.
 * @throws {CruddurError} `DOCKER_NOT_INSTALLED`
 * @throws {InterruptedError}
 */
export async function callDocker(
  docker: DockerCli,
  args: readonly string[],
  { signal, timeout, onLine }: CallOptions = {},
): Promise<CallEnd> {
  throwIfAborted(signal)
  const child = spawnDocker(docker, args)
  const end: CallEnd = { code: null, stdout: '', stderr: '' }
  let line = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    end.stdout = (end.stdout + text).slice(-MOST_TEXT)
    const lines = (line + text).split('\n')
    line = lines.pop() ?? ''
    if (onLine) for (const one of lines) onLine(one)
  })
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (end.stderr = (end.stderr + text).slice(-MOST_TEXT)))
  child.stdin.on('error', () => undefined).end()
  const kill = () => child.kill('SIGKILL')
  const timer = timeout === undefined ? undefined : setTimeout(kill, timeout)
  signal?.addEventListener('abort', kill, { once: true })
  try {
    end.code = await ended(docker, child)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
  }
  if (signal?.aborted) throw new InterruptedError()
  return end
}

/**
 * The code that docker ends with, when all it said has been read; `null` when it was killed.
 * @throws {CruddurError} `DOCKER_NOT_INSTALLED`
 */
export function ended(docker: DockerCli, child: DockerProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(notStarted(docker, error)))
    child.once('close', resolve)
  })
}

function notStarted(docker: DockerCli, error: NodeJS.ErrnoException): CruddurError {
  const found = error.code !== 'ENOENT'
  return new CruddurError(
    found ? `Docker could not be started: ${error.message}.` : `There is no ${docker.program} on the PATH.`,
    {
      code: 'DOCKER_NOT_INSTALLED',
      kind: 'unreachable',
      hint: [howToInstall(docker.system), docker.otherwise].filter(Boolean).join(' '),
      cause: error,
    },
  )
}

/** What docker says on stderr, without what it always adds, for messages. */
export function dockerWords(stderr: string): string {
  return stderr
    .replaceAll(/^(?:docker: |Error response from daemon: |ERROR: |error during connect: )+/gim, '')
    .replace(/\n*(?:Run 'docker .*|See 'docker .*)/s, '')
    .trim()
}
