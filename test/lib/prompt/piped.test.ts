import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import type { CruddurError } from '../../../src/lib/errors.ts'
import { createDatabase, runSql, urlOfDatabase, type TestDatabase } from '../../support/database.ts'
import { runPrompt } from '../../support/prompt.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase(inject('serverUrl'))
})

afterAll(() => database.drop())

const run = (input: string | Readable, options = {}) => runPrompt(database.url, input, options)

async function scratchFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-piped-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'script.sql')
  await writeFile(path, text)
  return path
}

test('the first error ends it; what came before has been committed, what comes behind is not run', async () => {
  const { error } = await run('create table stays (a int); select nix; create table never (a int);')
  expect(error).toMatchObject({ code: 'SQL_ERROR', server: { sqlstate: '42703' } })
  const [found] = await runSql(
    database.url,
    "select to_regclass('stays') as stays, to_regclass('never') as never",
  )
  expect(found).toEqual({ stays: 'stays', never: null })
})

test('the error names the line of the input, and shows it', async () => {
  const { error } = await run('select 1;\n\n-- why\nselect\n  1,\n  nix;\n')
  expect((error as Error).message).toBe('line 4: column "nix" does not exist (SQLSTATE 42703)')
  expect((error as CruddurError).context).toBe('LINE 6:   nix\n          ^')
})

test('lines of COPY data are counted', async () => {
  const { error } = await run('create temp table t (a int);\ncopy t from stdin;\n1\n2\n\\.\nselect nix;\n')
  expect((error as Error).message).toMatch(/^line 6: /)
})

test('the last statement needs no semicolon, a byte order mark is no part of the first', async () => {
  const { output, error } = await run('\ufeffselect 5 as five')
  expect(error).toBe(undefined)
  expect(output).toContain('    5\n')
})

test('a transaction that is left open is rolled back, and that is said', async () => {
  const { end, errorOutput } = await run('begin; create table lost (a int);')
  expect(end).toEqual({ statements: 2, rolledBack: true })
  expect(errorOutput).toBe('A transaction was still open; it was rolled back.\n')
  expect(await runSql(database.url, "select to_regclass('lost') as lost")).toEqual([{ lost: null }])
})

test('statements arrive in pieces of any size', async () => {
  const bytes = Buffer.from("select 'zürich; ' || $x$ ; $x$ as z; select 2 as two;")
  const pieces = Array.from(bytes, (byte) => Buffer.from([byte]))
  const { output } = await run(Readable.from(pieces))
  expect(output).toContain('zürich;  ;')
  expect(output).toContain('two')
})

test('\\q ends it', async () => {
  const { output, error } = await run('select 1 as one;\n\\q\nselect 2 as two;\n')
  expect(error).toBe(undefined)
  expect(output).not.toContain('two')
})

test('what is on the command line runs, and the input is data for its COPY', async () => {
  await runSql(database.url, 'create table numbers (a int)')
  const command = 'copy numbers from stdin; select sum(a) as total from numbers'
  const { output, error } = await run('5\n6\n', { commands: [command] })
  expect(error).toBe(undefined)
  expect(output).toBe('COPY 2\n total \n-------\n    11\n(1 row)\n\n')
})

test('backslash commands work on the command line', async () => {
  const { output } = await run('', { commands: ['\\x\nselect 1 as one'] })
  expect(output).toBe('-[ RECORD 1 ]\none | 1\n\n')
})

test('a script that is included stops at its error, which names its place', async () => {
  const path = await scratchFile('select 1 as one;\nselect 1/0;\nselect 3 as three;\n')
  const { output, error } = await run(`\\i ${path}\nselect 4 as four;\n`)
  expect((error as Error).message).toBe(`${path}:2:1: division by zero (SQLSTATE 22012)`)
  expect((error as CruddurError).context).toBe('2 | select 1/0;\n    ^')
  expect(output).toContain('one')
  expect(output).not.toMatch(/three|four/)
})

test('with ON_ERROR_STOP off the errors are told and it goes on', async () => {
  const { output, errorOutput, error } = await run('\\set ON_ERROR_STOP off\nselect nix; select 2 as two;')
  expect(error).toBe(undefined)
  expect(errorOutput).toContain('ERROR:  column "nix" does not exist (SQLSTATE 42703)\nLINE 1: select nix\n')
  expect(output).toContain('two')
})

test.each([
  ['\\conninof', 'line 2: invalid command \\conninof; did you mean \\conninfo? (\\? lists all)'],
  ['\\foobarbaz', 'line 2: invalid command \\foobarbaz (\\? lists all)'],
  ['\\! ls', 'line 2: \\! is not available here: the built-in prompt runs no programs'],
  ['\\e', 'line 2: \\e is not available here: the built-in prompt runs no programs'],
  ['\\w x', 'line 2: \\w is not available in the built-in prompt; psql has it'],
  ['\\x maybe', 'line 2: unrecognized value "maybe" for "\\x": available values are on, off, auto'],
  ['\\set x `date`', 'line 2: text in backquotes is a program, and the built-in prompt runs none'],
  ['\\i /no/such/file', 'line 2: The script "/no/such/file" does not exist.'],
  ['select 1 \\g file', 'line 2: \\g: results go to the terminal only, not to a file or a program'],
])('%s is refused with a reason', async (command, message) => {
  const { error } = await run(`select 1;\n${command}\n`)
  expect((error as Error).message).toBe(message)
})

test('notices go to the other stream', async () => {
  const { output, errorOutput } = await run("do $$ begin raise notice 'hello'; end $$;")
  expect(output).toBe('DO\n')
  expect(errorOutput).toBe('NOTICE:  hello\n')
})

test('COPY TO STDOUT into a pipe is the bytes as they are', async () => {
  const { output } = await run("copy (select E'\\x1b[31m' || repeat('x', 100000)) to stdout;")
  expect(output).toBe(`\u001b[31m${'x'.repeat(100_000)}\n`)
})

test('a slow reader does not make COPY TO STDOUT pile up, and gets everything', async () => {
  const slow = new PassThrough({ highWaterMark: 1024 })
  let bytes = 0
  let waiting = 0
  const reading = (async () => {
    for await (const chunk of slow) {
      bytes += (chunk as Buffer).length
      waiting = Math.max(waiting, slow.writableLength)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  await run("copy (select repeat('x', 999) from generate_series(1, 5000)) to stdout;", { output: slow })
  slow.end()
  await reading
  expect(bytes).toBe(5_000_000)
  // What comes from the socket in one piece is at most 64 KB.
  expect(waiting).toBeLessThan(500_000)
})

test('a reader that goes away is no error', async () => {
  const gone = new Writable({
    write: (_, __, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const { error } = await run('select generate_series(1, 5000); select 1;', { output: gone })
  expect(error).toBe(undefined)
})

test('\\c goes to another database and says so; the open transaction is lost', async () => {
  const other = urlOfDatabase(database.url, 'postgres')
  const { output, errorOutput } = await run(
    `begin;\n\\c postgres\nselect current_database() as here, :'DBNAME' as known;\n`,
  )
  expect(output).toContain(' postgres | postgres\n')
  expect(errorOutput).toBe(
    `You are now connected to database "postgres" as user "${new URL(other).username}".\n` +
      'The transaction that was open before is lost; it was rolled back.\n',
  )
})

test('\\c to a database that is not there keeps the connection', async () => {
  const { error } = await run('\\c nowhere\n')
  expect((error as Error).message).toMatch(
    /^line 1: \\connect: There is no database "nowhere" on .*\. The previous connection is kept\.$/,
  )
})

test('\\c does not give the password to another user', async () => {
  const { error } = await run('\\c - nobody_by_this_name\n')
  expect((error as Error).message).toMatch(/refuses user "nobody_by_this_name"/)
})

test('a lost connection ends it', async () => {
  const { error } = await run('select pg_terminate_backend(pg_backend_pid()); select 1;')
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', kind: 'unreachable' })
})

test('the caller’s signal cancels what runs', async () => {
  const abort = new AbortController()
  const marker = `select pg_sleep(600), '${database.name}'`
  const running = run(`${marker};`, { signal: abort.signal })
  const sleeping = `select from pg_stat_activity where state = 'active' and wait_event = 'PgSleep' and query like 'select pg_sleep(600)%${database.name}%'`
  while ((await runSql(database.url, sleeping)).length === 0);
  abort.abort()
  const { error } = await running
  expect(error).toMatchObject({ code: 'INTERRUPTED', kind: 'interrupted' })
  expect(await runSql(database.url, sleeping)).toEqual([])
})

test('the caller’s signal ends the waiting for input', async () => {
  const abort = new AbortController()
  const input = new PassThrough()
  const running = run(input, { signal: abort.signal })
  setTimeout(() => abort.abort(), 200)
  expect((await running).error).toMatchObject({ code: 'INTERRUPTED' })
})

test('\\conninfo says where one is', async () => {
  const { output } = await run('\\conninfo\n')
  const { hostname, port, username } = new URL(database.url)
  expect(output).toBe(
    `You are connected to database "${database.name}" as user "${username}" on host "${hostname}" at port "${port}", without TLS; the server is PostgreSQL ${(await runSql(database.url, 'show server_version'))[0]?.['server_version']}.\n`,
  )
})

test('\\timing tells how long a statement took', async () => {
  const { output } = await run('\\timing on\nselect 1 as one;\n')
  expect(output).toMatch(/\(1 row\)\n\nTime: \d+\.\d{3} ms\n$/)
})

test('AUTOCOMMIT off begins transactions by itself, as in psql', async () => {
  const { end } = await run('\\set AUTOCOMMIT off\nselect 1;\n')
  expect(end?.rolledBack).toBe(true)
})

test('ON_ERROR_ROLLBACK keeps a transaction alive behind an error', async () => {
  const { output } = await run(
    '\\set ON_ERROR_STOP off\n\\set ON_ERROR_ROLLBACK on\nbegin;\nselect nix;\nselect 2 as two;\ncommit;\n',
  )
  expect(output).toContain(' two \n')
  expect(output).toMatch(/COMMIT\n$/)
})

test('the variables about the last statement are those of psql', async () => {
  const { output } = await run(
    '\\set ON_ERROR_STOP off\nselect nix;\n\\echo :ERROR :SQLSTATE :LAST_ERROR_SQLSTATE\nvalues (1), (2);\n\\echo :ERROR :SQLSTATE :ROW_COUNT\n',
  )
  expect(output).toMatch(/^true 42703 42703\n/)
  expect(output).toMatch(/false 00000 2\n$/)
})

test('a view shows its definition', async () => {
  const { output } = await run('create view v as select 1 as one where true;\n\\d v\ndrop view v;\n')
  expect(output).toContain('View definition:\n SELECT 1 AS one\n  WHERE true;\n')
})

test('what is not there is said', async () => {
  const { output, errorOutput } = await run('\\d nix\n\\dv nix*\n\\du "No Such"\n')
  expect(output).toBe('')
  expect(errorOutput).toBe(
    'Did not find any relations named "nix".\nDid not find any relations named "nix*".\nDid not find any roles named ""No Such"".\n',
  )
})

test.each([
  '\\dt+ pg_catalog.pg_class',
  '\\df+ pg_catalog.now',
  '\\dn+ pg_catalog',
  '\\du+',
  '\\dx+',
  '\\l+',
  '\\dtS pg_cl*',
  '\\d+ pg_class',
  '\\dm pg_*',
  '\\dE pg_*',
])('%s works on this server', async (command) => {
  expect((await run(`${command}\n`)).error).toBe(undefined)
})

test('\\? lists the commands', async () => {
  const { output } = await run('\\?\n')
  expect(output).toContain('  \\dt [PATTERN]')
})
