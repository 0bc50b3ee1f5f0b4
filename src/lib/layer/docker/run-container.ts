import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CruddurError, InterruptedError, throwIfAborted } from '../../errors.ts'
import { BoundedOutput } from './bounded-output.ts'
import { containerArguments, type Mount } from './container-arguments.ts'
import { passEnvironment } from './container-environment.ts'
import { containerUser } from './container-user.ts'
import { callDocker, dockerWords, ended, spawnDocker } from './docker-cli.ts'
import { emulationEnvironment } from './emulation.ts'
import type { Engine } from './engine.ts'
import type { Image } from './image.ts'
import { Stopping } from './stopping.ts'

export interface ContainerOptions {
  image: Image
  /** The program in the image, and its arguments; nothing secret, as everybody can read it. */
  command: readonly string[]
  /** What it is for; in its name: `cruddur-build-3f9a…`. */
  purpose: string
  environment?: Readonly<Record<string, string>> | undefined
  mounts?: readonly Mount[] | undefined
  workingFolder?: string | undefined
  /** `bridge` by default; `host`, `none`, or the name of a network. */
  network?: string | undefined
  /** MiB that it may use. */
  memory?: number | undefined
  /** MiB of its `/tmp`; 512 by default, as Lambda has. */
  temporary?: number | undefined
  /** Milliseconds after which it is ended. */
  timeout?: number | undefined
  /** Ends it as the timeout does. */
  stop?: AbortSignal | undefined
  /** Ends it, and the call throws. */
  signal?: AbortSignal | undefined
  /** Is told what it writes, as it comes. */
  onStdout?: ((bytes: Buffer) => void) | undefined
  onStderr?: ((bytes: Buffer) => void) | undefined
  /** Bytes that are kept of each of its two streams; 16 MiB by default. The beginning is kept of stdout, the end of stderr. */
  outputLimit?: number | undefined
}

export interface ContainerEnd {
  /** The exit code; 128 and the signal's number for a program that was killed. */
  code: number
  stdout: string
  stderr: string
  /** Whether stdout had more bytes than are kept. */
  cut: boolean
  /** Whether it was ended by the timeout or by `stop`. */
  stopped: boolean
  /** Whether the kernel ended a program because the memory was used up. */
  outOfMemory: boolean
}

const OUTPUT_LIMIT = 16_777_216

/** MiB; AWS Lambda quotas, "/tmp directory storage". */
const TEMPORARY = 512

/** Killed by SIGKILL. */
const KILLED = 137

/**
 * Runs a program in a container, as an unprivileged user, with no right to change anything but what is mounted for it. The
 * container is removed whatever happens: when the program ends, by Ctrl-C, by the timeout, and when our process dies.
 * @throws {CruddurError} `CONTAINER_NOT_STARTED`, `DOCKER_FOLDER_NOT_SHARED`, `DOCKER_NOT_INSTALLED`
 * @throws {InterruptedError}
 */
export async function runContainer(engine: Engine, options: ContainerOptions): Promise<ContainerEnd> {
  throwIfAborted(options.signal)
  const environment = { ...emulationEnvironment(engine, options.image), ...options.environment }
  const { names, values, file } = passEnvironment(environment)
  const folder = file === '' ? undefined : await mkdtemp(join(tmpdir(), 'cruddur-environment-'))
  try {
    const variableFile = folder && join(folder, 'environment')
    if (variableFile) await writeFile(variableFile, file, { mode: 0o600 })
    return await runNamed(engine, options, { variables: names, variableFile }, values)
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true })
  }
}

async function runNamed(
  engine: Engine,
  options: ContainerOptions,
  variables: { variables: readonly string[]; variableFile: string | undefined },
  values: Readonly<Record<string, string>>,
): Promise<ContainerEnd> {
  const name = `cruddur-${options.purpose}-${randomBytes(6).toString('hex')}`
  const args = containerArguments(
    {
      name,
      labels: { 'cruddur.purpose': options.purpose, 'cruddur.pid': String(process.pid) },
      image: options.image,
      user: containerUser(engine),
      mounts: options.mounts ?? [],
      workingFolder: options.workingFolder,
      network: options.network,
      memory: options.memory,
      temporary: options.temporary ?? TEMPORARY,
      ...variables,
    },
    options.command,
  )
  const since = Date.now()
  const child = spawnDocker(engine, args, values)
  const stopping = new Stopping(engine, name, child, options)
  const limit = options.outputLimit ?? OUTPUT_LIMIT
  const stdout = new BoundedOutput(limit, 'beginning')
  const stderr = new BoundedOutput(limit, 'end')
  child.stdout.on('data', (bytes: Buffer) => {
    stdout.add(bytes)
    options.onStdout?.(bytes)
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr.add(bytes)
    options.onStderr?.(bytes)
  })
  // Stays open for as long as we live; see the keeper in the container.
  child.stdin.on('error', () => undefined)
  let code: number
  try {
    code = (await ended(engine, child)) ?? KILLED
  } finally {
    await stopping.finish()
  }
  if (options.signal?.aborted) throw new InterruptedError()
  const end = {
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    cut: stdout.cut,
    stopped: stopping.stopped,
  }
  if (!end.stopped) requireStarted(end, options)
  const killed = code === KILLED && !end.stopped
  return { ...end, outOfMemory: killed && (await wasOutOfMemory(engine, name, since)) }
}

/** Docker's own failures have codes that a program may have as well; only docker begins its line like this. */
function requireStarted(
  { code, stderr }: Pick<ContainerEnd, 'code' | 'stderr'>,
  options: ContainerOptions,
): void {
  if (code < 125 || code > 127 || !/^docker: /m.test(stderr)) return
  const words = dockerWords(stderr.slice(stderr.search(/^docker: /m)))
  const missing = /bind source path does not exist: (.*)|mounts denied/.exec(words)
  if (missing)
    throw new CruddurError(`The Docker engine does not see the folder ${missing[1] ?? ''} of this machine.`, {
      code: 'DOCKER_FOLDER_NOT_SHARED',
      hint: 'An engine in a virtual machine sees only folders that are shared with it, mostly those below the home folder: set TMPDIR to one of them. A remote engine sees none.',
      context: words,
    })
  throw new CruddurError(`The container could not be started from ${options.image.reference}.`, {
    code: 'CONTAINER_NOT_STARTED',
    hint: "Docker's own words are above; docker info shows more about the engine.",
    context: words,
    details: { image: options.image.reference },
  })
}

/** The engine remembers what happened to a container that is gone. The clocks may differ a little where it is on another machine. */
async function wasOutOfMemory(engine: Engine, name: string, since: number): Promise<boolean> {
  const end = await callDocker(
    engine,
    [
      'events',
      '--since',
      String(Math.floor(since / 1e3) - 2),
      '--until',
      String(Math.ceil(Date.now() / 1e3)),
      '--filter',
      `container=${name}`,
      '--filter',
      'event=oom',
      '--format',
      '{{.Action}}',
    ],
    { timeout: 10_000 },
  )
  return end.stdout.includes('oom')
}
