import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, chownSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Binaries } from '../../src/lib/server/binaries.ts'
import type { SystemUser } from '../../src/lib/server/passwd.ts'
import { programOptions } from '../../src/lib/server/program.ts'
import { chooseRunAs } from '../../src/lib/server/run-as.ts'
import { freshCluster, TEST_PASSWORD } from './cluster-template.ts'
import { DEFAULT_MAJOR, embeddedPostgres, PROJECT_ROOT } from './embedded-postgres.ts'
import { freePort } from './free-port.ts'

export interface PostgresServerOptions {
  /** Where it gets its folder; the system's one for temporary files by default. */
  parent?: string
  /** PostgreSQL 10 to 18; 17, which the project has installed, when not given. */
  major?: number
  /** Whether the superuser must give its password; `trust` when not given. */
  auth?: 'trust' | 'scram-sha-256'
  /** Further settings, e.g. `{ max_connections: '5', ssl: 'on' }`. */
  settings?: Record<string, string>
  /** Lines put before the standard rules of pg_hba.conf. */
  hba?: string[]
  /** Called with the data directory before the start, e.g. to put certificates there. */
  prepare?: (dataDirectory: string, user: SystemUser | undefined) => void | Promise<void>
}

/** A scratch server of its own. */
export interface PostgresServer {
  /** Of the database `postgres`, as the superuser `postgres`. */
  url: string
  host: string
  port: number
  user: string
  /** `undefined` when the server asks for none. */
  password: string | undefined
  major: number
  /** Everything that belongs to the server; removed by `stop`. */
  folder: string
  dataDirectory: string
  logFile: string
  pid: number
  /** Whether its process is there. */
  running: boolean
  /** The account that it runs under, when that is not our own. */
  runsAs: SystemUser | undefined
  /** Shuts it down (fast) and removes its folder. */
  stop(): Promise<void>
  /** Kills the postmaster with SIGKILL, as an accident would; the folder stays until `stop`. */
  kill(): Promise<void>
  /** Starts it again, on the same port, after `kill`. */
  restart(): Promise<void>
}

/** Data is thrown away anyway: nothing needs to reach the disk. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** How long a server may take to start, in milliseconds. */
const START_TIMEOUT = 60_000

/** How many other ports to try when somebody takes the free one before the server does. */
const PORT_ATTEMPTS = 5

function hbaText(auth: string, lines: readonly string[]): string {
  const rules = [`local all all ${auth}`, `host all all 0.0.0.0/0 ${auth}`, `host all all ::/0 ${auth}`]
  return [...lines, ...rules, `host replication all 127.0.0.1/32 ${auth}`, ''].join('\n')
}

class ScratchServer implements PostgresServer {
  readonly host = '127.0.0.1'
  readonly user = 'postgres'
  readonly major: number
  readonly password: string | undefined
  readonly folder: string
  readonly runsAs: SystemUser | undefined
  port = 0
  readonly #binaries: Binaries
  readonly #settings: Record<string, string>
  #child: ChildProcess | undefined

  constructor(
    binaries: Binaries,
    folder: string,
    runsAs: SystemUser | undefined,
    options: PostgresServerOptions,
  ) {
    this.#binaries = binaries
    this.folder = folder
    this.runsAs = runsAs
    this.major = options.major ?? DEFAULT_MAJOR
    this.password = options.auth === 'scram-sha-256' ? TEST_PASSWORD : undefined
    this.#settings = {
      ...FAST_SETTINGS,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ...options.settings,
    }
  }

  get dataDirectory(): string {
    return join(this.folder, 'data')
  }

  get logFile(): string {
    return join(this.folder, 'server.log')
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  get running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  get url(): string {
    const password = this.password === undefined ? '' : `:${this.password}`
    return `postgres://${this.user}${password}@${this.host}:${this.port}/postgres`
  }

  async start(): Promise<void> {
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const log = openSync(this.logFile, 'a', 0o600)
    const child = spawn(
      this.#binaries.postgres,
      ['-D', this.dataDirectory, '-p', String(this.port), ...settings],
      { ...programOptions(this.runsAs), stdio: ['ignore', log, log] },
    )
    closeSync(log)
    this.#child = child
    process.once('exit', this.#killNow)
    await this.#ready(child)
  }

  readonly #killNow = () => void this.#child?.kill('SIGQUIT')

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT
    while (!this.#isReady(child)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${readFileSync(this.logFile, 'utf8').slice(-2000)}`)
      await pause(10)
    }
  }

  /** The eighth line of postmaster.pid tells the state, and the first one whose it is. */
  #isReady(child: ChildProcess): boolean {
    try {
      const lines = readFileSync(join(this.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')
      return lines[0] === String(child.pid) && lines[7]?.trim() === 'ready'
    } catch {
      return false
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    process.off('exit', this.#killNow)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => {
      child.once('exit', resolve)
    })
    child.kill(signal)
    // A shutdown that is asked for while the server recovers from a crash may never come to its end.
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT)
    await gone
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.#end('SIGINT')
    const deadline = Date.now() + START_TIMEOUT
    for (;;) {
      try {
        return await this.start()
      } catch (error) {
        // The processes of a server that was killed end a moment after it.
        if (!String(error).includes('is still in use') || Date.now() > deadline) throw error
        await pause(50)
      }
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT')
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** Starts on a free port; somebody else may take it in between, so a few times. */
async function startOnFreePort(server: ScratchServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    server.port = await freePort()
    try {
      await server.start()
      return
    } catch (error) {
      const taken = readFileSync(server.logFile, 'utf8').includes('could not create any TCP/IP sockets')
      if (!taken || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

/**
 * Starts a PostgreSQL server of its own on a free port of 127.0.0.1, from the programs that npm brings. As root it runs
 * under another account. Whoever starts it stops it; when this process ends, it ends too.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const runsAs = await chooseRunAs([PROJECT_ROOT])
  const binaries = await embeddedPostgres(options.major ?? DEFAULT_MAJOR, runsAs)
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'cruddur-postgres-'))
  chmodSync(folder, 0o700)
  if (runsAs) chownSync(folder, runsAs.uid, runsAs.gid)
  const server = new ScratchServer(binaries, folder, runsAs, options)
  try {
    await freshCluster(binaries, runsAs, server.dataDirectory)
    const hba = hbaText(options.auth ?? 'trust', options.hba ?? [])
    writeFileSync(join(server.dataDirectory, 'pg_hba.conf'), hba)
    await options.prepare?.(server.dataDirectory, runsAs)
    await startOnFreePort(server)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}
