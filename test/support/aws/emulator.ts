import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { CACHE } from '../embedded-postgres.ts'

/** What is to go wrong with a call of AWS. */
export interface Fault {
  /**
   * The calls that it concerns: `DescribeDBInstances` with the Query protocol, the last part of X-Amz-Target with the
   * JSON ones, and with REST the method and how the path begins, `POST /schedules/`; `*` means every call.
   */
  action: string
  /** How many calls it meets; one when not given, `-1` means all of them. */
  times?: number
  /**
   * How many calls of the action, counted from now on, are spared first. Faults of the same action count side by side;
   * a call meets the first of them that is due.
   */
  after?: number
  /** Seconds that the answer is held back. The call has taken effect by then, unless there is an `error` or a `drop`. */
  delay?: number
  /** The code of an error that is the answer, in the service's own envelope; the call does not take effect. */
  error?: string
  /** HTTP status: of the error, 400 when not given, or one that replaces that of the emulator's answer. */
  status?: number
  /** The error's text. `{MasterUserPassword}` in it stands for that field of the call's form, where it has it. */
  message?: string
  /** Whether the connection is closed without an answer, before the call takes effect. */
  drop?: boolean
  /** Whether the connection is closed without an answer, after the call has taken effect. */
  dropAfter?: boolean
  /** After how many bytes of the answer's body the connection is closed. */
  cut?: number
  /**
   * Regular expressions and what replaces all they find in the answer's body, both of Python's kind (`\1`, not `$1`).
   * With `\A[\s\S]*\Z` and a `status` it answers what the emulator cannot.
   */
  rewrite?: readonly (readonly [pattern: string, replacement: string])[]
  /** Headers that are added to the answer, or replace its own, e.g. a `Date` that is wrong. */
  headers?: Readonly<Record<string, string>>
}

/** A call that has reached the emulator, whatever became of it. */
export interface Call {
  /** As in `Fault`; with REST the method and the whole path. */
  action: string
  /** When it arrived, in seconds since 1970. */
  at: number
  /** The region that it was signed for; empty when it was not signed. */
  region: string
  /** Whose signature it has; empty when it has none. */
  accessKeyId: string
  /** The form's fields under their wire names (`IpPermissions.1.FromPort`); empty but for the Query protocol. */
  params: Record<string, string>
}

/** An AWS of the test's own. */
export interface AwsEmulator {
  /** The endpoint of all services. */
  url: string
  /** What makes an AWS SDK or a command use it, and nothing that the developer has set up for the real one. */
  environment: Record<string, string>
  /** Lets the calls go wrong that follow. */
  fault(fault: Fault): Promise<void>
  /** The calls so far, in the order in which they arrived. */
  calls(): Promise<Call[]>
  /**
   * Whether rules of security groups are refused as AWS refuses them where moto would take them (CIDRs that are none or
   * not of the rule's family, a rule changed into another one's double) and CIDRs are stored canonically, and whether
   * clusters are as those of AWS: a second one of the same name is refused, a master user of IAM has no password, instances
   * start and stop with theirs; and whether databases end as with AWS: by exactly one of a final snapshot and none, which only
   * what is available has. On at first.
   */
  strict(on: boolean): Promise<void>
  /** Forgets everything: resources, faults, calls, and that it was not to be strict. */
  reset(): Promise<void>
  /** Ends it. */
  stop(): Promise<void>
}

/** For the hook that starts the emulator: the first start on a machine installs it, which may take minutes. */
export const EMULATOR_START_TIMEOUT = 300_000

/** How long it may take to end before it is killed, in milliseconds. */
const STOP_TIMEOUT = 10_000

/** How much of what it says on stderr is kept, in characters. */
const STDERR_KEPT = 4000

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const ADMIN_PATH = '/__emulator'

const run = promisify(execFile)

const pythonOf = (environment: string) =>
  process.platform === 'win32'
    ? join(environment, 'Scripts', 'python.exe')
    : join(environment, 'bin', 'python3')

/** Makes a virtual environment with what the file requires; the folder appears complete or not at all. */
async function install(python: string, folder: string): Promise<void> {
  const unfinished = `${folder}.${randomBytes(6).toString('hex')}.tmp`
  await mkdir(dirname(folder), { recursive: true })
  try {
    // Its python finds the packages next to itself, so the folder may be renamed; only scripts like bin/pip may not.
    await run(python, ['-m', 'venv', unfinished]).catch((error: unknown) => {
      throw new Error(
        `python3 cannot make a virtual environment. Debian: apt install python3-venv\n${String(error)}`,
        {
          cause: error,
        },
      )
    })
    const options = ['--quiet', '--no-input', '--disable-pip-version-check']
    await run(pythonOf(unfinished), ['-m', 'pip', 'install', ...options, '-r', REQUIREMENTS])
    // Another test process may have been faster; its folder is as good.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(pythonOf(folder))) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/**
 * A python3 with moto: the one that CRUDDUR_MOTO_PYTHON names, else that of the project's own virtual environment, which
 * is made when it is not there.
 * @throws {Error} there is no python3, it has no venv, or the packages cannot be fetched
 */
export async function emulatorPython(): Promise<string> {
  const given = process.env['CRUDDUR_MOTO_PYTHON']
  if (given) return given
  const python = process.platform === 'win32' ? 'python' : 'python3'
  const { stdout: version } = await run(python, ['--version']).catch((error: unknown) => {
    throw new Error('The AWS emulator needs python3. Debian: apt install python3-venv', { cause: error })
  })
  // An environment is of no use to another version of Python.
  const hash = createHash('sha256')
    .update(version)
    .update(await readFile(REQUIREMENTS))
  const folder = join(`${CACHE}-aws-emulator`, hash.digest('hex').slice(0, 16))
  if (!existsSync(pythonOf(folder))) await install(python, folder)
  return pythonOf(folder)
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** The port that it says it listens on. */
function listening(child: Child): Promise<number> {
  let stdout = ''
  let stderr = ''
  // Read for as long as it runs: a full pipe would stop it.
  child.stderr.on('data', (chunk: Buffer) => (stderr = `${stderr}${chunk.toString()}`.slice(-STDERR_KEPT)))
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const port = /^listening (\d+)$/m.exec(stdout)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`The AWS emulator did not start:\n${stderr}`)))
  })
}

class RunningEmulator implements AwsEmulator {
  readonly url: string
  readonly environment: Record<string, string>
  readonly #child: Child

  constructor(child: Child, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}`
    const nowhere = join(import.meta.dirname, 'there-is-no-such-file')
    this.environment = {
      AWS_ENDPOINT_URL: this.url,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-central-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: nowhere,
      AWS_SHARED_CREDENTIALS_FILE: nowhere,
    }
  }

  async #ask(method: string, wish?: object): Promise<{ calls: Call[] }> {
    const response = await fetch(`${this.url}${ADMIN_PATH}`, {
      method,
      ...(wish && { body: JSON.stringify(wish), headers: { 'content-type': 'application/json' } }),
    })
    if (!response.ok) throw new Error(`The AWS emulator answered ${method} with ${response.status}`)
    return (await response.json()) as { calls: Call[] }
  }

  async fault(fault: Fault): Promise<void> {
    await this.#ask('POST', fault)
  }

  async calls(): Promise<Call[]> {
    return (await this.#ask('GET')).calls
  }

  async strict(on: boolean): Promise<void> {
    await this.#ask('POST', { strict: on })
  }

  async reset(): Promise<void> {
    await this.#ask('DELETE')
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => {
      child.once('exit', resolve)
    })
    child.stdin.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT)
    await gone
    clearTimeout(timer)
  }
}

/**
 * Starts an AWS on a free port of 127.0.0.1. Whoever starts it stops it; when this process ends, it ends too.
 * @throws {Error} there is no python3 for it, its packages cannot be fetched, or it does not start
 */
export async function startAwsEmulator(): Promise<AwsEmulator> {
  const script = join(import.meta.dirname, 'emulator.py')
  const child = spawn(await emulatorPython(), [script, '0'], { stdio: ['pipe', 'pipe', 'pipe'] })
  return new RunningEmulator(child, await listening(child))
}
