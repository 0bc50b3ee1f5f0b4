import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import type { Connection } from '../../../src/lib/postgres/connection.ts'
import { runStatements } from '../../../src/lib/prompt/run-statements.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'

let database: TestDatabase
let connection: Connection

beforeAll(async () => {
  database = await createDatabase(inject('serverUrl'))
  connection = await connect(parseConnectionUrl(database.url))
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

const run = (sql: string) => runStatements({ connection, sql })

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
  expect(await run(' ; -- nothing\n')).toEqual({ results: [] })
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

test('the caller’s signal cancels what runs, and the connection can be used again', async () => {
  const abort = new AbortController()
  const running = runStatements({ connection, sql: 'select pg_sleep(600); select 2', signal: abort.signal })
  setTimeout(() => abort.abort(), 300)
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', kind: 'interrupted' })
  expect((await run('select 1 as one')).results[0]?.rows).toEqual([['1']])
})
