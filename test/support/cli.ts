import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The executable that users run. */
export const EXECUTABLE = join(import.meta.dirname, '../../bin/run.js')

/** How long a command may take, in milliseconds. */
const TIMEOUT = 60_000

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
}

export interface CliOptions {
  directory?: string
  /** Added to an environment that holds nothing but PATH and HOME. */
  env?: Record<string, string>
  input?: string
  /** Called with the process once it runs. */
  onStart?: (pid: number, kill: (signal: NodeJS.Signals) => void) => void
  nodeArguments?: readonly string[]
}

/** Runs `cruddur` as a process of its own, without a terminal, and returns what came of it. */
export function cruddur(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { directory = tmpdir(), env = {}, input = '' } = options
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), EXECUTABLE, ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), LC_ALL: 'C.UTF-8', ...env },
    timeout: TIMEOUT,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  // A command that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  if (child.pid !== undefined) options.onStart?.(child.pid, (signal) => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** A project folder with files; removed by `remove`. */
export interface TestProjectFolder {
  path: string
  write(name: string, text: string): void
  remove(): void
}

/** Makes a folder with the given files, as a project of somebody's. */
export function makeProject(files: Record<string, string> = {}): TestProjectFolder {
  const path = mkdtempSync(join(tmpdir(), 'cruddur-project-'))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs `work` with a project folder and removes it afterwards. */
export async function withProject<T>(
  files: Record<string, string>,
  work: (project: TestProjectFolder) => Promise<T>,
): Promise<T> {
  const project = makeProject(files)
  try {
    return await work(project)
  } finally {
    project.remove()
  }
}
