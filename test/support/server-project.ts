import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ProgressEvent } from '../../src/lib/progress.ts'
import { processesIn } from '../../src/lib/server/process-table.ts'
import type { SystemUser } from '../../src/lib/server/passwd.ts'
import type { ServerInfo } from '../../src/lib/server/server-info.ts'
import { startServer, type StartServerOptions } from '../../src/lib/server/start.ts'
import { stopServer } from '../../src/lib/server/stop.ts'
import { runSql } from './database.ts'

/** A throw-away project with room for an embedded server. */
export interface ServerProject {
  /** Removed in the end, with everything in it. */
  scratch: string
  projectRoot: string
  /** Takes the place of /var/lib/cruddur. */
  systemFolder: string
  /** What a start reported. */
  events: ProgressEvent[]
  start(options?: Partial<StartServerOptions>): Promise<ServerInfo>
  remove(): Promise<void>
}

/** Every data directory below a folder. */
function dataDirectories(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('PG_VERSION') && !path.includes('base/'))
    .map((path) => join(folder, path, '..'))
}

/** Ends whatever still works in the data directories of a test that went wrong. */
async function endServers(folder: string): Promise<void> {
  for (const data of dataDirectories(folder)) {
    for (const { pid } of await processesIn(data)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Its server's end was enough for it.
      }
    }
  }
}

async function makeScratch(): Promise<string> {
  const folder = realpathSync(await mkdtemp(join(tmpdir(), 'cruddur-server-')))
  chmodSync(folder, 0o755)
  return folder
}

async function removeScratch(folder: string): Promise<void> {
  await endServers(folder)
  await rm(folder, { recursive: true, force: true, maxRetries: 10 })
}

/** A folder for the test, open to other accounts, that is removed when the test is over. */
export async function scratchFolder(): Promise<string> {
  const folder = await makeScratch()
  onTestFinished(() => removeScratch(folder))
  return folder
}

/** Makes a project that stays until it is removed, for several tests to share. */
export async function sharedServerProject(name = 'project'): Promise<ServerProject> {
  const scratch = await makeScratch()
  const projectRoot = join(scratch, name)
  mkdirSync(projectRoot, { recursive: true })
  const systemFolder = join(scratch, 'system')
  const events: ProgressEvent[] = []
  const onProgress = (event: ProgressEvent) => void events.push(event)
  return {
    scratch,
    projectRoot,
    systemFolder,
    events,
    start: (options = {}) => startServer({ projectRoot, systemFolder, onProgress, ...options }),
    async remove() {
      if (existsSync(projectRoot)) await stopServer({ projectRoot }).catch(() => undefined)
      await removeScratch(scratch)
    },
  }
}

/** Makes a project for the running test; its server is stopped and everything removed when the test is over. */
export async function serverProject(name?: string): Promise<ServerProject> {
  const project = await sharedServerProject(name)
  onTestFinished(() => project.remove())
  return project
}

/** The texts of the notes among what was reported. */
export function notesOf(events: readonly ProgressEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
}

/** The URL of a database of the server, as its superuser. */
export function urlOf(
  { port, password }: Pick<ServerInfo, 'port' | 'password'>,
  database = 'postgres',
): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/${database}?sslmode=disable`
}

/** Runs SQL on the server as its superuser. */
export function serverSql(
  server: Pick<ServerInfo, 'port' | 'password'>,
  sql: string,
): Promise<Record<string, string | null>[]> {
  return runSql(urlOf(server), sql)
}

/** What a verb that ran in a process of its own came to. */
export interface VerbOutcome {
  result?: Record<string, unknown>
  error?: { code: string; message: string }
  events: ProgressEvent[]
}

export interface RunVerbOptions {
  /** The account to run it under. */
  user?: SystemUser
  umask?: number
  packageFolder?: string
  /** Words put before the command line, e.g. `['unshare', '--pid']`. */
  wrapper?: readonly string[]
  /** Gets the process when it has been started. */
  onStart?: (child: ChildProcess) => void
}

/** Runs `start`, `stop` or `status` on a project in a process of its own, as a command does. */
export function runVerb(
  verb: 'start' | 'stop' | 'status',
  { projectRoot, systemFolder }: Pick<ServerProject, 'projectRoot' | 'systemFolder'>,
  { user, umask, packageFolder, wrapper = [], onStart }: RunVerbOptions = {},
): Promise<VerbOutcome> {
  const script = join(import.meta.dirname, 'run-verb.ts')
  const options = JSON.stringify({ projectRoot, systemFolder, packageFolder, umask })
  const [file, ...args] = [...wrapper, process.execPath, script, verb, options]
  return new Promise((resolve, reject) => {
    const child = spawn(file ?? process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (code) => {
      try {
        resolve(JSON.parse(stdout))
      } catch {
        reject(new Error(`the verb ended with ${code} and said: ${stdout}${stderr}`))
      }
    })
    onStart?.(child)
  })
}
