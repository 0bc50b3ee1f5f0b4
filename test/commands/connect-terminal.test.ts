import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findPsql } from '../../src/lib/prompt/find-psql.ts'
import { EXECUTABLE, makeProject, type TestProjectFolder } from '../support/cli.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

const hasPsql = findPsql(process.env['PATH']) !== undefined
const missing =
  terminalMissing ??
  (hasPsql || process.env['CI'] ? undefined : 'psql is not installed (Debian: postgresql-client)')

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

afterAll(() => database.drop())

/** A project of somebody's, until the test is over. */
function project(files: Record<string, string>): TestProjectFolder {
  const made = makeProject(files)
  onTestFinished(() => made.remove())
  return made
}

/** Starts `db connect` in a terminal and waits for its prompt. */
async function open(
  words: readonly string[],
  { path }: TestProjectFolder,
  env: Record<string, string> = {},
): Promise<Terminal> {
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'db', 'connect', ...words],
    cwd: path,
    env: { HOME: path, PSQLRC: '/dev/null', PAGER: 'cat', LC_ALL: 'C.UTF-8', ...env },
  })
  onTestFinished(() => terminal.stop())
  await terminal.waitFor(new RegExp(`${database.name}=[#>]$`))
  return terminal
}

const local = () => ({ 'db/schema.sql': '', '.env': `CONNECTION_URL=${database.url}\n` })

describe.skipIf(missing)(`db connect in a terminal${missing ? ` (${missing})` : ''}`, () => {
  test.each([['--psql'], ['--no-psql']])('%s: Ctrl-C cancels the query, not the client', async (program) => {
    const terminal = await open([program], project(local()))
    await terminal.enter("set my.mark = 'still here';")
    await terminal.waitFor('SET')
    await terminal.enter(`select pg_sleep(600) /* ${program} */;`)
    const sleeping = `select 1 from pg_stat_activity where state = 'active' and query ~ '^select pg_sleep.*${program} '`
    await expect.poll(() => runSql(database.url, sleeping), { timeout: 30_000 }).toHaveLength(1)
    await terminal.press('C-c')
    await terminal.waitFor('canceling statement due to user request')
    await terminal.enter('show my.mark;')
    await terminal.waitFor('still here\n(1 row)')
    await terminal.enter('\\q')
    expect(await terminal.exitCode()).toBe(0)
  })

  test('psql is used where there is one, with the user’s own psqlrc', async () => {
    const made = project({ ...local(), psqlrc: "\\set PROMPT1 'mine %/%R%x%# '\n" })
    const terminal = await open([], made, { PSQLRC: join(made.path, 'psqlrc') })
    expect(await terminal.screen()).toMatch(/^psql \([\s\S]*mine /)
    // An error at the prompt is no end.
    await terminal.enter('select nix;')
    await terminal.enter("select 'goes ' || 'on';")
    await terminal.waitFor(' goes on\n(1 row)')
  })

  test('SIGTERM ends psql too: exit code 130', async () => {
    const terminal = await open(['--psql'], project(local()))
    process.kill(await terminal.pid(), 'SIGTERM')
    expect(await terminal.exitCode()).toBe(130)
  })

  test.each([['--psql'], ['--no-psql']])('%s: production has its label, in red', async (program) => {
    const made = project({ 'db/schema.sql': '', '.env': `PROD_CONNECTION_URL=${database.url}\n` })
    const terminal = await open(['prod', program], made)
    expect(await terminal.screen()).toMatch(new RegExp(`^PRODUCTION ${database.name}=[#>]$`, 'm'))
    // eslint-disable-next-line no-control-regex
    expect(await terminal.colouredScreen()).toMatch(/\u001b\[[^m]*31m[^m]*PRODUCTION/)
  })

  test.each([['--psql'], ['--no-psql']])('%s: so has a database that bears the mark', async (program) => {
    const marked = await createDatabase()
    onTestFinished(() => marked.drop())
    await runSql(marked.url, `alter database ${marked.name} set cruddur.environment = 'production'`)
    const made = project({ 'db/schema.sql': '', '.env': `CONNECTION_URL=${marked.url}\n` })
    const terminal = await Terminal.start({
      command: [process.execPath, EXECUTABLE, 'db', 'connect', program],
      cwd: made.path,
      env: { HOME: made.path, PSQLRC: '/dev/null' },
    })
    onTestFinished(() => terminal.stop())
    await terminal.waitFor(new RegExp(`^PRODUCTION ${marked.name}=[#>]$`, 'm'))
  })

  test('what is typed at the built-in prompt is kept in the project, for its owner alone', async () => {
    const made = project(local())
    const first = await open(['--no-psql'], made)
    await first.enter("select 'typed ' || 'before' as a;")
    await first.waitFor('typed before\n(1 row)')
    await first.press('C-d')
    expect(await first.exitCode()).toBe(0)
    const file = join(made.path, '.cruddur/prompt-history')
    expect(readFileSync(file, 'utf8')).toBe(`"select 'typed ' || 'before' as a;"\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(made.path, '.cruddur/.gitignore'), 'utf8')).toBe('*\n')
    const second = await open(['--no-psql'], made)
    await second.press('Up', 'Enter')
    await second.waitFor('typed before\n(1 row)')
  })

  test('elsewhere it is kept with the user’s state, and no project is made', async () => {
    const made = project({ 'package.json': '{}', '.env': `CONNECTION_URL=${database.url}\n` })
    const state = join(made.path, 'state')
    const terminal = await open(['--no-psql'], made, { XDG_STATE_HOME: state })
    await terminal.enter('select 1;')
    await terminal.waitFor('(1 row)')
    await terminal.press('C-d')
    await terminal.exitCode()
    expect(readFileSync(join(state, 'cruddur/prompt-history'), 'utf8')).toBe('"select 1;"\n')
    expect(existsSync(join(made.path, '.cruddur'))).toBe(false)
  })

  test('--json asks for statements', async () => {
    const terminal = await Terminal.start({
      command: [process.execPath, EXECUTABLE, 'db', 'connect', '--json'],
      cwd: project(local()).path,
    })
    onTestFinished(() => terminal.stop())
    expect(await terminal.exitCode()).toBe(2)
    expect(await terminal.screen()).toContain('"code": "NOTHING_TO_RUN"')
  })
})
