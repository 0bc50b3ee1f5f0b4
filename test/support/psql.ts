import { spawn } from 'node:child_process'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'

export interface PsqlResult {
  code: number | null
  stdout: string
  stderr: string
}

export interface PsqlOptions {
  /** The database to connect to. Its parts go through the environment, the password too. */
  url?: string
  /** What psql reads from its standard input. */
  input?: string | Buffer
  cwd?: string
  /** Further environment variables. */
  env?: Record<string, string>
  /** The program; `psql` from the PATH when not given. */
  program?: string
}

/** Our environment without libpq's variables, which would change what psql does. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PG|PSQL)/.test(name)))
}

function urlEnvironment(url: string): Record<string, string> {
  const { host, port, user, password, database, sslMode } = parseConnectionUrl(url)
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGDATABASE: database,
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    ...(sslMode === undefined ? {} : { PGSSLMODE: sslMode }),
  }
}

/**
 * Runs the real psql without anyone's psqlrc (`-X`), in UTF-8.
 * @param args e.g. `['-v', 'ON_ERROR_STOP=1', '-f', 'file.sql']`
 * @throws an error that says what is missing when there is no psql
 */
export function runPsql(args: readonly string[], options: PsqlOptions = {}): Promise<PsqlResult> {
  const environment = {
    ...cleanEnvironment(),
    PGCLIENTENCODING: 'UTF8',
    ...(options.url === undefined ? {} : urlEnvironment(options.url)),
    ...options.env,
  }
  return new Promise((resolve, reject) => {
    const program = options.program ?? 'psql'
    const child = spawn(program, ['-X', ...args], { cwd: options.cwd, env: environment })
    const result: PsqlResult = { code: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text))
    child.once('error', (error) =>
      reject(
        new Error(
          `This test needs ${program}, the PostgreSQL client (Debian: postgresql-client): ${error.message}`,
        ),
      ),
    )
    child.once('close', (code) => resolve({ ...result, code }))
    // psql may end without reading its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}
