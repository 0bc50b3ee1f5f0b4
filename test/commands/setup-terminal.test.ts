import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { EXECUTABLE, makeProject } from '../support/cli.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

const SCHEMA = 'create table t (a int);\n'
const SEED = 'insert into t values (1);\n'
/** A seed that is at work until somebody stops it. */
const ENDLESS = 'insert into t values (2);\nselect pg_sleep(600);\n'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

afterAll(() => database.drop())

/** Starts a command in a terminal, in a project with these files. */
async function start(words: readonly string[], files: Record<string, string>): Promise<Terminal> {
  const project = makeProject({ 'db/schema.sql': SCHEMA, 'db/seed.sql': SEED, ...files })
  onTestFinished(() => project.remove())
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'db', ...words],
    cwd: project.path,
    env: { HOME: project.path, LC_ALL: 'C.UTF-8' },
    columns: 120,
  })
  onTestFinished(() => terminal.stop())
  return terminal
}

const local = () => ({ '.env': `CONNECTION_URL=${database.url}\n` })
const prod = () => ({ '.env': `PROD_CONNECTION_URL=${database.url}\n` })

const rows = () => runSql(database.url, 'select a from t order by a')

/** Waits until the server works on the endless seed. */
async function untilSeeding(): Promise<void> {
  const sleeping = `select 1 from pg_stat_activity where datname = '${database.name}' and query ~ '^select pg_sleep'`
  // Not from the database itself: a session in it would keep it from being dropped.
  await expect.poll(() => runSql(inject('serverUrl'), sleeping), { timeout: 30_000 }).not.toEqual([])
}

/** Starts `db setup prod` on a database with a row in it, and waits for the question. */
async function asked(): Promise<Terminal> {
  await runSql(database.url, 'drop table if exists t; create table t (a int); insert into t values (7)')
  const terminal = await start(['setup', 'prod'], prod())
  const screen = await terminal.waitFor(`Type ${database.name} to go on`)
  expect(screen).toContain('About to set up a protected database:')
  expect(screen).toContain('protected because it was asked for as prod')
  return terminal
}

async function isMarked(): Promise<boolean> {
  const sql = `select 1 from pg_db_role_setting s, pg_database d where d.oid = s.setdatabase and d.datname = '${database.name}'`
  return (await runSql(database.url, sql)).length > 0
}

describe.skipIf(terminalMissing)(
  `db setup in a terminal${terminalMissing ? ` (${terminalMissing})` : ''}`,
  () => {
    test('shows its steps as they come, and all of them at the end', async () => {
      const seed = 'insert into t values (1);\nselect pg_sleep(2);\n'
      const terminal = await start(['setup', '--no-cache'], { ...local(), 'db/seed.sql': seed })
      // The step that is under way has a spinner before it, with how far it is.
      await terminal.waitFor(/✔ Loading the schema.*\n[\u2800-\u28ff] Seeding/)
      expect(await terminal.exitCode()).toBe(0)
      expect(await terminal.screen()).toMatch(
        /^✔ (?:Dropping and c|C)reating \(.*\)\n✔ Loading the schema \(.*\)\n✔ Seeding \(.*\)\nSet up "/,
      )
      expect(await rows()).toEqual([{ a: '1' }])
    })

    test('Ctrl-C while the seed runs: exit code 130, nothing of the seed is kept', async () => {
      const terminal = await start(['setup', '--no-cache'], { ...local(), 'db/seed.sql': ENDLESS })
      await untilSeeding()
      await terminal.press('C-c')
      expect(await terminal.exitCode()).toBe(130)
      const screen = await terminal.screen()
      expect(screen).toMatch(/^✔ Loading the schema[^]*^✖ Seeding/m)
      expect(screen).toContain('has its schema, but no seed')
      expect(await rows()).toEqual([])
    })

    test('Ctrl-C while db seed runs: exit code 130, the database is as before', async () => {
      await runSql(database.url, 'drop table if exists t; create table t (a int); insert into t values (7)')
      const terminal = await start(['seed'], { ...local(), 'db/seed.sql': ENDLESS })
      await untilSeeding()
      await terminal.press('C-c')
      expect(await terminal.exitCode()).toBe(130)
      expect(await terminal.screen()).toContain('the database is as before')
      expect(await rows()).toEqual([{ a: '7' }])
    })
  },
)

describe.skipIf(terminalMissing)(
  `a protected database${terminalMissing ? ` (${terminalMissing})` : ''}`,
  () => {
    test('another name: exit code 2, nothing is done', async () => {
      const terminal = await asked()
      await terminal.enter('production')
      expect(await terminal.exitCode()).toBe(2)
      expect(await terminal.screen()).toContain(
        '"production" is not the name of the protected database; nothing was done.',
      )
      expect(await rows()).toEqual([{ a: '7' }])
    })

    test.each([
      ['C-c', 130, 'Error: Interrupted; nothing was done.'],
      ['C-d', 2, 'was not confirmed; nothing was done.'],
      ['Enter', 2, 'was not confirmed; nothing was done.'],
    ] as const)('%s at the question: exit code %i, nothing is done', async (key, code, message) => {
      const terminal = await asked()
      await terminal.press(key)
      expect(await terminal.exitCode()).toBe(code)
      const screen = await terminal.screen()
      expect(screen).toContain(message)
      // The error begins a line of its own.
      expect(screen).toMatch(/^Error: /m)
      expect(await rows()).toEqual([{ a: '7' }])
    })

    test('its name: goes on, and the database bears the mark', async () => {
      const terminal = await asked()
      await terminal.enter(database.name)
      expect(await terminal.exitCode()).toBe(0)
      expect(await terminal.screen()).toContain(`Set up "${database.name}" (production)`)
      expect(await rows()).toEqual([{ a: '1' }])
      expect(await isMarked()).toBe(true)
    })
  },
)
