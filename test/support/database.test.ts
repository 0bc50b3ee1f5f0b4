import { expect, inject, test } from 'vitest'
import { createDatabase, runSql, withDatabase } from './database.ts'
import { runPsql } from './psql.ts'

test('a test works in an empty database of its own', async () => {
  await withDatabase(async (url) => {
    await runSql(url, 'CREATE TABLE mine (id int)')
    const rows = await runSql(
      url,
      "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    expect(rows).toEqual([{ relname: 'mine' }])
  })
})

test('the database is gone afterwards, even with a session in it', async () => {
  const database = await createDatabase()
  const psql = runPsql(['-c', 'SELECT pg_sleep(600)'], { url: database.url })
  const sessions = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database.name}' AND query ~ 'pg_sleep'`
  await expect.poll(() => runSql(inject('serverUrl'), sessions), { timeout: 30_000 }).toHaveLength(1)
  await database.drop()
  expect(
    await runSql(inject('serverUrl'), `SELECT 1 FROM pg_database WHERE datname = '${database.name}'`),
  ).toEqual([])
  expect((await psql).code).not.toBe(0)
})

test('psql gets the password by its environment and its input from the test', async () => {
  await withDatabase(async (url) => {
    const result = await runPsql(['-At'], { url, input: "SELECT 'ä' || current_database()" })
    expect(result).toEqual({ code: 0, stdout: `ä${new URL(url).pathname.slice(1)}\n`, stderr: '' })
  })
})

test('without psql it is said what is missing', async () => {
  await expect(runPsql([], { program: 'no-such-psql' })).rejects.toThrow(
    'needs no-such-psql, the PostgreSQL client',
  )
})
