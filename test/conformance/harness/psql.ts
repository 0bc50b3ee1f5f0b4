import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { RUN_TIMEOUT } from './runner.ts'

/** Debian's `psql` on the path is a Perl wrapper that takes 30 ms to start; this is the program itself. */
const DEBIAN_PSQL = '/usr/lib/postgresql/15/bin/psql'

/** The psql to run. */
export const PSQL = existsSync(DEBIAN_PSQL) ? DEBIAN_PSQL : 'psql'

/** What came of a run of psql. */
export interface PsqlRun {
  exit: number | 'timeout'
  stdout: Buffer
  stderr: Buffer
}

/** psql's environment, with nothing in it that would change what it does: UTF-8, UTC, English. */
function environment(url: string): NodeJS.ProcessEnv {
  const target = parseConnectionUrl(url)
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PGAPPNAME: 'conformance',
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGPASSWORD: target.password,
    PGSSLMODE: target.sslMode,
  }
}

/**
 * Runs `psql -X -q -v ON_ERROR_STOP=1 ARGS -d DATABASE` with empty standard input and without a terminal.
 * @param url names the server and the database
 */
export function runPsql(url: string, args: readonly string[], cwd: string): Promise<PsqlRun> {
  const database = parseConnectionUrl(url).database
  return new Promise((resolve, reject) => {
    const child = spawn(PSQL, ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args, '-d', database], {
      cwd,
      env: environment(url),
      // a session of its own has no terminal, from which \password and \prompt would read
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, RUN_TIMEOUT)
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      const exit = late ? 'timeout' : (code ?? -1)
      resolve({ exit, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    })
  })
}
