import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runStatements } from '../../../src/lib/prompt/run-statements.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase(inject('serverUrl'))
})

afterAll(() => database.drop())

const run = (sql: string | readonly string[], signal?: AbortSignal) =>
  runStatements({ target: parseConnectionUrl(database.url), sql, signal })

test('each statement has its columns with types, its rows and its tag', async () => {
  const sql = `create temp table t (a int, b numeric(5,2)[]);
insert into t values (1, '{1.5}'), (2, null);
select a, b, now() as c, null as a from t where a = 1`
  const { results } = await run(sql)
  expect(results.slice(0, 2)).toEqual([
    { columns: [], rows: [], command: 'CREATE TABLE' },
    { columns: [], rows: [], command: 'INSERT 0 2' },
  ])
  expect(results[2]).toEqual({
    columns: [
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'numeric[]' },
      { name: 'c', type: 'timestamp with time zone' },
      { name: 'a', type: 'text' },
    ],
    rows: [['1', '{1.50}', expect.any(String), null]],
    command: 'SELECT 1',
  })
})

test('statements run one by one: what comes before an error stays, what comes behind is not run', async () => {
  const running = run('create table stays (a int); select nix; create table never (a int)')
  await expect(running).rejects.toMatchObject({ code: 'SQL_ERROR', server: { sqlstate: '42703' } })
  const found = await runSql(database.url, "select to_regclass('stays') as s, to_regclass('never') as n")
  expect(found).toEqual([{ s: 'stays', n: null }])
})

test('a semicolon in quotes ends nothing', async () => {
  const { results } = await run(`select ';' as a; select $$;$$ as "b;"; -- ;\n`)
  expect(results.map(({ rows }) => rows)).toEqual([[[';']], [[';']]])
})

test('types of the database itself have their names', async () => {
  const { results } = await run(`create type mood as enum ('good'); select 'good'::mood as m`)
  expect(results[1]?.columns).toEqual([{ name: 'm', type: 'mood' }])
})

test('no statement is no result', async () => {
  expect(await run(' ; -- nothing\n')).toEqual({ database: database.name, results: [] })
})

test.each([
  ['select 1; \\d', 'UNSUPPORTED_COMMAND'],
  ['create table not_made (a int); copy not_made from stdin', 'COPY_NOT_JSON'],
])('%s is refused before anything runs', async (sql, code) => {
  await expect(run(sql)).rejects.toMatchObject({ code, kind: 'usage' })
  expect(await runSql(database.url, "select to_regclass('not_made') as t")).toEqual([{ t: null }])
})

test('COPY TO STDOUT is refused, not dropped', async () => {
  await expect(run('copy (select 1) to stdout')).rejects.toMatchObject({ code: 'COPY_NOT_JSON' })
})

test('how strings are read follows what the statements before have set', async () => {
  const { results } = await run(
    `set standard_conforming_strings = off; set escape_string_warning = off; select 'a\\';b' as a; reset standard_conforming_strings`,
  )
  expect(results[2]?.rows).toEqual([["a';b"]])
})

test('the caller’s signal cancels what runs', async () => {
  const abort = new AbortController()
  const running = run('select pg_sleep(600); create table too_late (a int)', abort.signal)
  const sleeping = `select 1 from pg_stat_activity where datname = '${database.name}' and query like 'select pg_sleep%'`
  await expect.poll(() => runSql(inject('serverUrl'), sleeping), { timeout: 30_000 }).toHaveLength(1)
  abort.abort()
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', kind: 'interrupted' })
  expect(await runSql(database.url, "select to_regclass('too_late') as t")).toEqual([{ t: null }])
})

test('each text of a list is one transaction, and all share a session', async () => {
  const { results } = await run(['set my.mark = 1; create table first (a int)', 'show my.mark'])
  expect(results.map(({ command }) => command)).toEqual(['SET', 'CREATE TABLE', 'SHOW'])
  expect(results[2]?.rows).toEqual([['1']])
  await expect(
    run(['create table second (a int)', 'create table third (a int); select nix']),
  ).rejects.toMatchObject({
    message: 'column "nix" does not exist (SQLSTATE 42703)',
  })
  const found = await runSql(database.url, "select to_regclass('second') as s, to_regclass('third') as t")
  expect(found).toEqual([{ s: 'second', t: null }])
})

test('the error names the line where the text has several', async () => {
  await expect(run('select 1;\n\nselect\n nix')).rejects.toMatchObject({
    message: 'line 3: column "nix" does not exist (SQLSTATE 42703)',
    context: 'LINE 4:  nix\n         ^',
  })
})
