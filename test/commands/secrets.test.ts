import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import { findPsql } from '../../src/lib/prompt/find-psql.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { withProject } from '../support/cli.ts'
import { runSql } from '../support/database.ts'
import { readManifest, type ManifestCommand } from '../support/manifest.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { expectNoSecret, tracedRun, type TracedRun } from '../support/traced-run.ts'

// A password that is known to the test is used by every command in every way: it must not come out anywhere.

/** Where this stands, the password stands, however much of it was encoded or escaped on the way. */
const CORE = 'Zq7VxKw'
const PASSWORD = `p@s/s#w?%41 'x"\\é:$&${CORE}`
const WRONG = `${CORE}wr@ng`

/** Commands that work on a database; a new one is among them by itself. */
const DATABASE_COMMANDS = readManifest().filter(({ flags }) => 'url' in flags)

/** What a command needs besides the database. All others run as they are. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'db:sessions:kill': ['--all'],
  'db:drop': ['--force'],
  'db:setup': ['--force', '--allow-programs'],
  'db:schema-load': ['--allow-programs'],
  'db:seed': ['--allow-programs'],
}

/** Statements for a command that reads them from its input; long enough for psql to be seen at work. */
const INPUT = 'select pg_sleep(0.2);\n'

const SCRIPTS = {
  // \getenv brings the password into the script, and \echo and \warn out of it.
  'db/schema.sql':
    '\\getenv url CONNECTION_URL\n\\getenv password PGPASSWORD\n\\echo :url :password\n\\warn :url :password\n',
  'db/seed.sql': '\\! sleep 0.2\nselect 1;\n',
  'db/failing.sql':
    '\\getenv url CONNECTION_URL\n\\getenv password PGPASSWORD\n\\i :url:password\nselect broken;\n',
}

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ auth: 'scram-sha-256', settings: { log_statement: 'all' } })
  const quiet = `${server.url}?options=-c%20log_statement%3Dnone`
  await runSql(quiet, `CREATE ROLE app LOGIN SUPERUSER PASSWORD '${PASSWORD.replaceAll("'", "''")}'`)
})
afterAll(() => server.stop())

function urlFor(database: string, password: string | undefined, port = server.port): string {
  const encoded = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return `postgres://app${encoded}@127.0.0.1:${port}/${database}`
}

/** Only what must be is encoded, and in lower case, as people write it. */
function sparinglyEncoded(password: string): string {
  return password.replace(/[@/#?%\s"]/g, (one) => encodeURIComponent(one).toLowerCase())
}

interface Way {
  words?: string[]
  env?: Record<string, string>
  files?: Record<string, string>
}

/** The ways in which a password comes to a command. */
const WAYS: Readonly<Record<string, (database: string, password: string, port?: number) => Way>> = {
  'CONNECTION_URL in the environment': (database, password, port) => ({
    env: { CONNECTION_URL: urlFor(database, password, port) },
  }),
  'CONNECTION_URL in .env': (database, password, port) => ({
    files: {
      '.env': `CONNECTION_URL=postgres://app:${sparinglyEncoded(password)}@127.0.0.1:${port ?? server.port}/${database}\n`,
    },
  }),
  PGPASSWORD: (database, password, port) => ({
    env: { PGPASSWORD: password, CONNECTION_URL: urlFor(database, undefined, port) },
  }),
  'the password file': (database, password, port) => ({
    env: { CONNECTION_URL: urlFor(database, undefined, port) },
    files: { pgpass: `*:*:*:app:${password.replace(/[\\:]/g, '\\$&')}\n` },
  }),
  '--url': (database, password, port) => ({ words: ['--url', urlFor(database, password, port)] }),
}

async function run(
  { words: command }: Pick<ManifestCommand, 'words'>,
  words: readonly string[],
  { words: moreWords = [], env = {}, files = {} }: Way,
  setting: Record<string, string> = {},
): Promise<TracedRun> {
  return withProject({ ...SCRIPTS, ...files }, async (project) => {
    const passwordFile = join(project.path, 'pgpass')
    if (existsSync(passwordFile)) chmodSync(passwordFile, 0o600)
    return tracedRun([...command, ...words, ...moreWords], {
      directory: project.path,
      env: { HOME: project.path, PGPASSFILE: passwordFile, ...env, ...setting },
      input: INPUT,
      secretsOnArgv: moreWords.includes('--url'),
      secretFiles: ['.env', 'pgpass'],
    })
  })
}

/** How loud a command is told to be. */
const SETTINGS = [
  { words: [], env: { DEBUG: '*' } },
  { words: ['--json'], env: {} },
] as const

function settingsOf({ flags }: ManifestCommand): readonly (typeof SETTINGS)[number][] {
  return SETTINGS.filter(({ words }) => words.length === 0 || 'json' in flags)
}

async function ownDatabase({ id }: ManifestCommand, prefix: string): Promise<string> {
  const database = `${prefix}_${id.replaceAll(/\W/g, '_')}`
  await runSql(server.url, `CREATE DATABASE ${database}`)
  return database
}

function expectQuietLog(): void {
  expect(
    readFileSync(server.logFile, 'utf8')
      .split('\n')
      .find((line) => line.includes(CORE)),
  ).toBeUndefined()
}

/** That the test sees what it looks for: programs while they run, and the mask where the password came out. */
function expectToHaveSeen({ id }: ManifestCommand, way: string, { programs, traces }: TracedRun): void {
  if (process.platform === 'linux') {
    if (id === 'db:seed') expect(programs.join('\n')).toContain('sleep 0.2')
    // For --json psql is not needed.
    const json = traces['stdout']?.startsWith('{')
    if (id === 'db:connect' && !json && findPsql(process.env['PATH']))
      expect(programs.join('\n')).toContain('psql')
  }
  if (id === 'db:schema-load' && ['CONNECTION_URL in the environment', 'PGPASSWORD'].includes(way))
    expect(`${traces['stdout']}${traces['stderr']}`).toContain('********')
}

test.concurrent.for(DATABASE_COMMANDS)('$id that succeeds keeps the password to itself', async (command) => {
  const database = await ownDatabase(command, 'success')
  for (const [name, way] of Object.entries(WAYS))
    for (const { words, env } of settingsOf(command)) {
      const done = await run(
        command,
        [...(ARGUMENTS[command.id] ?? []), ...words],
        way(database, PASSWORD),
        env,
      )
      const what = `${command.id}, ${name} ${words.join(' ')}`
      expectNoSecret(done, [CORE], what)
      expect(done.code, `${what}: ${done.traces['stderr']}`).toBe(0)
      expectToHaveSeen(command, name, done)
    }
  expectQuietLog()
})

/** Flags that name a script, each of which fails at once. */
function failingScript({ flags }: ManifestCommand): string[] | undefined {
  const flag = ['file', 'schema'].find((name) => name in flags)
  return flag === undefined ? undefined : [`--${flag}`, 'db/failing.sql']
}

test.concurrent.for(DATABASE_COMMANDS)('$id that fails keeps the password to itself', async (command) => {
  const database = await ownDatabase(command, 'failure')
  const given = ARGUMENTS[command.id] ?? []
  const script = failingScript(command)
  for (const [name, way] of Object.entries(WAYS))
    for (const { words, env } of settingsOf(command)) {
      const check = async (kind: string, more: readonly string[], how: Way, code: number) => {
        const done = await run(command, [...given, ...words, ...more], how, env)
        const what = `${command.id}, ${kind}, ${name} ${words.join(' ')}`
        expectNoSecret(done, [CORE], what)
        expect(done.code, `${what}: ${done.traces['stderr']}`).toBe(code)
      }
      // Each way with each setting, but not each kind of failure: what differs is only the message.
      if (words.length === 0) await check('wrong password', [], way(database, WRONG), 3)
      else await check('nothing there', [], way(database, PASSWORD, 1), 3)
      if (script) await check('failing script', script, way(database, PASSWORD), 1)
    }
  expectQuietLog()
})

test.concurrent.for(DATABASE_COMMANDS.filter(({ flags }) => 'confirm' in flags))(
  '$id that is refused keeps the password to itself',
  async (command) => {
    const database = await ownDatabase(command, 'refused')
    // Somebody must be connected for a kill of sessions to be refused.
    const session = await connect(parseConnectionUrl(urlFor(database, PASSWORD)))
    const how = { env: { PROD_CONNECTION_URL: urlFor(database, PASSWORD) } }
    for (const { words, env } of settingsOf(command)) {
      const done = await run(command, ['prod', ...(ARGUMENTS[command.id] ?? []), ...words], how, env)
      expectNoSecret(done, [CORE], `${command.id}, refused ${words.join(' ')}`)
      expect(done.code, done.traces['stderr']).toBe(2)
      expect(`${done.traces['stdout']}${done.traces['stderr']}`).toContain('--confirm')
    }
    await session.close()
    expectQuietLog()
  },
)
