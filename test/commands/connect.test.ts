import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findPsql } from '../../src/lib/prompt/find-psql.ts'
import { cruddur, EXECUTABLE, withProject, type CliOptions, type CliResult } from '../support/cli.ts'
import { createDatabase, runSql, urlOfDatabase, type TestDatabase } from '../support/database.ts'
import { commandLines } from '../support/descendants.ts'
import { createRole } from '../support/role.ts'
import { serverProject } from '../support/server-project.ts'

const missing =
  findPsql(process.env['PATH']) || process.env['CI']
    ? undefined
    : 'psql is not installed (Debian: apt-get install postgresql-client)'

let database: TestDatabase
let empty: string

beforeAll(async () => {
  database = await createDatabase()
  empty = mkdtempSync(join(tmpdir(), 'cruddur-no-programs-'))
})

afterAll(async () => {
  rmSync(empty, { recursive: true, force: true })
  await database.drop()
})

const connect = (words: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  cruddur(['db', 'connect', '--url', database.url, ...words], options)

async function exists(table: string): Promise<boolean> {
  const [row] = await runSql(database.url, `select to_regclass('${table}') is not null as found`)
  return row?.['found'] === 't'
}

const PROGRAMS = missing ? ['--no-psql'] : ['--psql', '--no-psql']

// What holds whichever program is at work: nobody has to know which one the machine has.
describe.each(PROGRAMS)(`db connect %s${missing ? ` (${missing})` : ''}`, (program) => {
  const table = (name: string) => `${name}${program.replaceAll('-', '_')}`

  test('-c runs statements and shows what they bring', async () => {
    const { code, stdout } = await connect([program, '-c', 'select 6 * 7 as answer'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: ' answer \n--------\n     42\n(1 row)\n\n' })
  })

  test('several -c run in order in one session', async () => {
    const { code, stdout } = await connect([
      program,
      '-c',
      'create temp table t (a int)',
      '-c',
      'insert into t values (1), (2)',
      '-c',
      'select sum(a) as total from t',
      '-c',
      '\\dt t',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^CREATE TABLE\nINSERT 0 2\n total \n-+\n +3\n\(1 row\)\n/)
    expect(stdout).toContain('| t    | table |')
  })

  test('the first -c that fails ends it, as a whole', async () => {
    const [before, half, never] = [table('before'), table('half'), table('never')]
    const { code, stderr } = await connect([
      program,
      '-c',
      `create table ${before} (a int)`,
      '-c',
      `create table ${half} (a int); select nix`,
      '-c',
      `create table ${never} (a int)`,
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('column "nix" does not exist')
    expect(await Promise.all([before, half, never].map(exists))).toEqual([true, false, false])
  })

  test('what is piped in runs statement by statement, up to the first error', async () => {
    const [before, never] = [table('piped'), table('unpiped')]
    const input = `create table ${before} (a int);\nselect nix;\ncreate table ${never} (a int);\n`
    const { code, stderr } = await connect([program], { input })
    expect(code).toBe(1)
    expect(stderr).toContain('column "nix" does not exist')
    expect(await Promise.all([before, never].map(exists))).toEqual([true, false])
  })

  test('what is piped in is data for a COPY of -c', async () => {
    const { code, stdout } = await connect(
      [program, '-c', 'create temp table t (a int)', '-c', 'copy t from stdin', '-c', 'select sum(a) from t'],
      { input: '40\n2\n' },
    )
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('  42\n') })
  })

  test('nothing to run is nothing done', async () => {
    expect(await connect([program])).toMatchObject({ code: 0, stdout: '' })
  })

  test('a connection that is lost is exit code 3', async () => {
    const input = 'select pg_terminate_backend(pg_backend_pid());\n'
    expect((await connect([program], { input })).code).toBe(3)
  })

  test('SIGINT cancels the statement: exit code 130', async () => {
    let interrupt: (() => void) | undefined
    const marked = `select pg_sleep(600) /* ${program} */`
    const running = connect([program, '-c', marked], {
      onStart: (_, kill) => (interrupt = () => kill('SIGINT')),
    })
    await untilActive(marked)
    interrupt?.()
    expect((await running).code).toBe(130)
  })

  test('the password is on nobody’s command line and in no output', async () => {
    const role = await createRole()
    const url = role.urlOf(database.url)
    await withProject({ '.env': `CONNECTION_URL=${url}\n` }, async ({ path }) => {
      const marked = `select pg_sleep(600) /* ${role.name} */`
      const words = ['db', 'connect', program, '-c', marked, '-c', 'select nix']
      const running = cruddur(words, { directory: path })
      await untilActive(marked)
      const lines = commandLines()
      await runSql(
        inject('serverUrl'),
        `select pg_cancel_backend(pid) from pg_stat_activity where usename = '${role.name}'`,
      )
      const { stdout, stderr } = await running
      expect(lines.filter((line) => line.includes(role.name)).length).toBeGreaterThan(0)
      expect(lines.filter((line) => line.includes(role.password))).toEqual([])
      expect(stderr).toContain('canceling statement')
      expect(stdout + stderr).not.toContain(role.password)
    })
  })

  test('the input may stay open', async () => {
    const words = ['db', 'connect', '--url', database.url, program, '-c', 'select 1']
    const child = spawn(process.execPath, [EXECUTABLE, ...words])
    const code = await new Promise((resolve) => child.once('exit', resolve))
    child.stdin.destroy()
    expect(code).toBe(0)
  })

  test('a database that is not there: how to make it', async () => {
    const url = urlOfDatabase(inject('serverUrl'), 'no_such_database')
    const { code, stdout, stderr } = await cruddur(['db', 'connect', program, '--url', url, '-c', 'select 1'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('There is no database "no_such_database"')
    expect(stderr).toContain('cruddur db setup makes and fills it')
  })

  test('nobody there is exit code 3', async () => {
    const url = 'postgres://postgres@127.0.0.1:1/app'
    const { code, stderr } = await cruddur(['db', 'connect', program, '--url', url])
    expect(code).toBe(3)
    expect(stderr).toContain('Nothing listens on 127.0.0.1:1.')
  })
})

/** Waits until the server works on the statement. */
async function untilActive(sql: string): Promise<void> {
  const active = `select 1 from pg_stat_activity where state = 'active' and query = '${sql}'`
  await expect.poll(() => runSql(inject('serverUrl'), active), { timeout: 30_000 }).toHaveLength(1)
}

describe.skipIf(missing)(`psql${missing ? ` (${missing})` : ''}`, () => {
  test('what stands behind -- is for psql, and has the last word', async () => {
    const words = ['-c', "select 'a' as x, null as y", '--', '--csv', '--pset=null=none']
    expect(await connect(words)).toEqual({ code: 0, stdout: 'x,y\na,none\n', stderr: expect.any(String) })
  })

  test('nobody’s psqlrc changes what is printed', () =>
    withProject({ psqlrc: '\\pset format csv\n' }, async ({ path }) => {
      const { stdout } = await connect(['-c', 'select 1 as one'], { env: { PSQLRC: join(path, 'psqlrc') } })
      expect(stdout).toContain('-----')
    }))

  test.each([
    ['-h', 'elsewhere'],
    ['--host=elsewhere'],
    ['-AtU', 'postgres'],
    ['postgres'],
    ['-d', 'host=elsewhere'],
  ])('%s %s would lead it elsewhere and is refused', async (...words) => {
    const { code, stderr } = await connect(['-c', 'select 1', '--', ...words.filter(Boolean)])
    expect(code).toBe(2)
    expect(stderr).toContain('would change the connection')
  })
})

test('without psql on the PATH it is the built-in prompt', async () => {
  const { code, stdout } = await connect(['-c', 'select null as n'], { env: { PATH: empty } })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '   n    \n--------\n <NULL>\n(1 row)\n\n' })
})

test.each([
  [['--psql', '-c', 'select 1'], '--psql is for psql, and there is no psql'],
  [['-c', 'select 1', '--', '--csv'], 'is for psql, and there is no psql'],
  [['--no-psql', '--', '--csv'], 'does not run with --no-psql'],
  [['-c', 'select 1', '--psql', '--no-psql', '--', '-x'], 'does not run with --no-psql'],
])('%j without psql is bad usage', async (words, message) => {
  const { code, stderr } = await connect(words, { env: { PATH: empty } })
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

/** Runs it with --json: stdout must hold exactly one object. */
async function json(words: readonly string[], input = ''): Promise<{ code: number | null; value: unknown }> {
  const { code, stdout } = await connect([...words, '--json'], { input })
  return { code, value: JSON.parse(stdout) }
}

describe('--json', () => {
  test('-c gives the results, NULL is null', async () => {
    const words = ['-c', 'create temp table t (a int)', '-c', "select a, 'x' as b, now() - now() as c from t"]
    expect(await json([...words, '-c', 'select null as n, array[1, null] as l'])).toEqual({
      code: 0,
      value: {
        database: database.name,
        results: [
          { columns: [], rows: [], command: 'CREATE TABLE' },
          {
            columns: [
              { name: 'a', type: 'integer' },
              { name: 'b', type: 'text' },
              { name: 'c', type: 'interval' },
            ],
            rows: [],
            command: 'SELECT 0',
          },
          {
            columns: [
              { name: 'n', type: 'text' },
              { name: 'l', type: 'integer[]' },
            ],
            rows: [[null, '{1,NULL}']],
            command: 'SELECT 1',
          },
        ],
      },
    })
  })

  test('what is piped in runs too', async () => {
    const { value } = await json([], '\ufeffselect 1 as a;\nselect 2 as b')
    expect(value).toMatchObject({ results: [{ rows: [['1']] }, { rows: [['2']] }] })
  })

  test('an error names the line', async () => {
    expect(await json([], 'select 1;\nselect nix;')).toEqual({
      code: 1,
      value: {
        error: {
          code: 'SQL_ERROR',
          message: 'line 2: column "nix" does not exist (SQLSTATE 42703)',
          details: {
            severity: 'ERROR',
            sqlstate: '42703',
            message: 'column "nix" does not exist',
            position: 8,
            line: 2,
          },
        },
      },
    })
  })

  test.each([
    [['-c', '\\dt'], 'UNSUPPORTED_COMMAND'],
    [['-c', 'copy (select 1) to stdout'], 'COPY_NOT_JSON'],
    [['--psql', '-c', 'select 1'], 'NO_PSQL'],
  ])('%j is bad usage', async (words, code) => {
    expect(await json(words)).toMatchObject({ code: 2, value: { error: { code } } })
  })

  test('data that look like the password are data', async () => {
    const role = await createRole()
    await withProject({ '.env': `CONNECTION_URL=${role.urlOf(database.url)}\n` }, async ({ path }) => {
      const words = ['db', 'connect', '--json', '-c', `select '${role.password}' as data`]
      const { stdout } = await cruddur(words, { directory: path })
      expect(JSON.parse(stdout)).toMatchObject({ results: [{ rows: [[role.password]] }] })
    })
  })
})

test('the embedded server is started first', async () => {
  const { projectRoot } = await serverProject()
  writeFileSync(join(projectRoot, 'package.json'), '{}')
  const { code, stderr } = await cruddur(['db', 'connect', '-c', 'select 1'], { directory: projectRoot })
  expect(code).toBe(1)
  expect(stderr).toMatch(/PostgreSQL \S+ listens on port \d+/)
  expect(stderr).toContain('cruddur db setup makes and fills it')
  await cruddur(['db', 'create'], { directory: projectRoot })
  expect(await cruddur(['db', 'connect', '-c', 'select 1'], { directory: projectRoot })).toMatchObject({
    code: 0,
    stderr: expect.not.stringContaining('listens'),
  })
})

test.each(['--json', '--no-psql'])('SIGINT while nothing comes in, %s: exit code 130', async (mode) => {
  const child = spawn(process.execPath, [EXECUTABLE, 'db', 'connect', '--url', database.url, mode])
  // It is waiting when it has taken more than a pipe holds.
  await new Promise((resolve) => child.stdin.write('-'.repeat(1 << 20), resolve))
  child.kill('SIGINT')
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130)
})
