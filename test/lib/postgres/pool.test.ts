import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/lib/postgres/pool.ts'
import { ServerError } from '../../../src/lib/postgres/server-message.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { freePort } from '../../support/free-port.ts'
import { failureOf } from '../../support/load.ts'
import { withProxy } from '../../support/proxy.ts'
import { expectNoSessions } from '../../support/unchanged.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createDatabase()
  await runSql(database.url, 'CREATE TABLE people (id int PRIMARY KEY, name text)')
  await runSql(database.url, 'INSERT INTO people VALUES (1, \'Zoë "Z" 😀\'), (2, NULL)')
  pool = createPool(database.url)
})
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

describe('queryArrayJson', () => {
  test('gives the rows as one JSON array, as PostgreSQL writes it', async () => {
    const json = await pool.queryArrayJson('SELECT * FROM people ORDER BY id')
    expect(JSON.parse(json)).toEqual([
      { id: 1, name: 'Zoë "Z" 😀' },
      { id: 2, name: null },
    ])
  })

  test('gives an empty array when there are none', async () => {
    expect(await pool.queryArrayJson('SELECT * FROM people WHERE id = $1', [99])).toBe('[]')
  })

  test('takes many rows', async () => {
    const json = await pool.queryArrayJson(
      "SELECT n, repeat('x', 100) AS x FROM generate_series(1, $1::int) n",
      [50_000],
    )
    const rows = JSON.parse(json) as { n: number }[]
    expect(rows).toHaveLength(50_000)
    expect(rows.at(-1)?.n).toBe(50_000)
  })
})

describe('queryObjectJson', () => {
  test('gives the first row as one JSON object', async () => {
    const json = await pool.queryObjectJson('SELECT * FROM people ORDER BY id DESC')
    expect(JSON.parse(json)).toEqual({ id: 2, name: null })
  })

  test('gives an empty object when there is none', async () => {
    expect(await pool.queryObjectJson('SELECT * FROM people WHERE false')).toBe('{}')
  })

  test('keeps numbers that JavaScript would round', async () => {
    expect(await pool.queryObjectJson('SELECT 9007199254740993 AS n')).toBe('{"n":9007199254740993}')
  })
})

test.each([
  ['a semicolon at its end', 'SELECT 1 AS one;'],
  ['several, and blanks', ' SELECT 1 AS one ;; \n'],
  ['a comment at its end', 'SELECT 1 AS one -- the end'],
  ['a comment behind the semicolon', 'SELECT 1 AS one; -- the end'],
  ['a WITH of its own', 'WITH c AS (SELECT 1 AS one) SELECT * FROM c'],
  ['VALUES', 'SELECT column1 AS one FROM (VALUES (1)) v'],
])('JSON of a query with %s', async (_, sql) => {
  expect(JSON.parse(await pool.queryArrayJson(sql))).toEqual([{ one: 1 }])
  expect(JSON.parse(await pool.queryObjectJson(sql))).toEqual({ one: 1 })
})

test('JSON of what an INSERT returns, which is done once', async () => {
  const sql = 'INSERT INTO people VALUES ($1, $2) RETURNING *'
  expect(JSON.parse(await pool.queryObjectJson(sql, [10, 'ten']))).toEqual({ id: 10, name: 'ten' })
  expect(await pool.query('DELETE FROM people WHERE id = 10 RETURNING id')).toEqual([{ id: 10 }])
})

test.each([
  ['a text that looks like SQL', 'text', "'; DROP TABLE people; --"],
  ['NULL', 'text', null],
  ['a boolean', 'boolean', true],
  ['a list', 'int[]', [1, 2, 3]],
  ['an object', 'jsonb', { a: [1, { b: null }] }],
])('%s is a parameter', async (_, type, value) => {
  expect(await pool.query(`SELECT $1::${type} AS value`, [value])).toEqual([{ value }])
})

test('errors are ours, with SQLSTATE and position, and the connection stays usable', async () => {
  const error = await failureOf(pool.query('SELECT nothing FROM people'))
  expect(error).toBeInstanceOf(ServerError)
  expect(error).toMatchObject({ code: 'SQL_ERROR', sqlstate: '42703', details: { position: 8 } })
  const unique = await failureOf(pool.query('INSERT INTO people VALUES ($1)', [1]))
  expect(unique).toMatchObject({
    sqlstate: '23505',
    details: { table: 'people', constraint: 'people_pkey', detail: expect.stringContaining('(id)=(1)') },
  })
  expect(await pool.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

const added = async () => (await pool.query('SELECT id FROM people WHERE id > 100')).length

describe('a transaction', () => {
  test('is committed when its work is done, and gives what that gives', async () => {
    const result = await pool.transaction(async (transaction) => {
      await transaction.query('INSERT INTO people VALUES (101)')
      expect(await added()).toBe(0)
      return transaction.queryObjectJson('SELECT count(*) AS n FROM people WHERE id > 100')
    })
    expect(result).toBe('{"n":1}')
    expect(await added()).toBe(1)
    await pool.query('DELETE FROM people WHERE id > 100')
  })

  test.each([
    ['its work throws', async () => Promise.reject(new Error('no'))],
    [
      'a statement fails',
      async (t: Parameters<Parameters<Pool['transaction']>[0]>[0]) => t.query('SELECT 1/0'),
    ],
    [
      'a failure is passed over',
      async (t: Parameters<Parameters<Pool['transaction']>[0]>[0]) => t.query('SELECT 1/0').catch(() => 0),
    ],
  ])('is rolled back when %s', async (_, fail) => {
    const failed = pool.transaction(async (transaction) => {
      await transaction.query('INSERT INTO people VALUES (102)')
      await fail(transaction)
    })
    await expect(failed).rejects.toThrow(/^no|division by zero/)
    expect(await added()).toBe(0)
  })

  test('fails as ours where only COMMIT finds out', async () => {
    await pool.query('CREATE TABLE later (id int REFERENCES people DEFERRABLE INITIALLY DEFERRED)')
    const failed = pool.transaction((transaction) => transaction.query('INSERT INTO later VALUES (-1)'))
    expect(await failureOf(failed)).toMatchObject({ sqlstate: '23503' })
  })

  test('can be rolled back in part', async () => {
    await pool.transaction(async (transaction) => {
      await transaction.query('INSERT INTO people VALUES (103)')
      const part = transaction.transaction(async (inside) => {
        await inside.query('INSERT INTO people VALUES (104)')
        await inside.query('SELECT 1/0')
      })
      expect(await failureOf(part)).toMatchObject({ sqlstate: '22012' })
      await transaction.transaction((inside) => inside.query('INSERT INTO people VALUES (105)'))
    })
    expect(await pool.query('SELECT id FROM people WHERE id > 100 ORDER BY 1')).toEqual([
      { id: 103 },
      { id: 105 },
    ])
    await pool.query('DELETE FROM people WHERE id > 100')
  })

  test('passes on what its work throws as it is, and does not do it again', async () => {
    const own = Object.assign(new Error('mine'), { code: 'ECONNRESET' })
    let times = 0
    const failed = pool.transaction(async () => {
      times += 1
      throw own
    })
    expect(await failed.catch((error: unknown) => error)).toBe(own)
    expect(times).toBe(1)
  })
})

test('the URL says how: name, options', async () => {
  const parameters = 'application_name=my%20app&options=-c%20work_mem%3D7MB'
  const own = createPool(`${database.url}?${parameters}`)
  const sql = "SELECT current_setting('application_name') AS name, current_setting('work_mem') AS memory"
  expect(await own.query(sql)).toEqual([{ name: 'my app', memory: '7MB' }])
  await own.end()
})

const refused = (url: string) =>
  expect(() => createPool(url)).toThrow(expect.objectContaining({ kind: 'usage' }))

test('what it cannot do is refused at once', () => {
  refused('mysql://localhost/app')
  refused('postgres://localhost')
  refused('postgres://localhost/app?channel_binding=require')
})

const fails = async (url: string) => {
  const broken = createPool(url)
  const error = await failureOf(broken.query('SELECT 1'))
  await broken.end()
  return error
}

test('what goes wrong on the way is said as everywhere', async () => {
  const missing = new URL(database.url)
  missing.pathname = '/missing'
  expect(await fails(missing.href)).toMatchObject({ code: 'NO_DATABASE' })
  const nobody = `postgres://me@127.0.0.1:${await freePort()}/app`
  expect(await fails(nobody)).toMatchObject({ code: 'SERVER_NOT_RUNNING', kind: 'unreachable' })
  expect(await fails(`${database.url}?sslmode=require`)).toMatchObject({ code: 'TLS_NOT_OFFERED' })
})

test('a connection that breaks is an error of ours, and the next query takes another one', async () => {
  await withProxy(database.url, {}, async (url, proxy) => {
    const own = createPool(url)
    await own.query('SELECT 1')
    const asleep = failureOf(own.query('SELECT pg_sleep(600)'))
    const present =
      "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND datname = current_database()"
    await expect.poll(() => runSql(database.url, present)).toHaveLength(1)
    proxy.cut()
    expect(await asleep).toMatchObject({ code: 'CONNECTION_LOST', kind: 'unreachable' })
    expect(await own.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    await own.end()
  })
})

test('a session that the server ends is an error of ours too', async () => {
  const own = createPool(database.url)
  const error = failureOf(own.query('SELECT pg_terminate_backend(pg_backend_pid())'))
  expect(await error).toMatchObject({ code: 'CONNECTION_LOST' })
  await own.end()
})

test('end lets queries under way finish', async () => {
  const own = createPool(database.url)
  await own.query('SELECT 1')
  const working = own.query('SELECT pg_sleep(0.3), 1 AS one')
  await own.end()
  expect(await working).toMatchObject([{ one: 1 }])
})

test('end leaves no session, and nothing works afterwards', async () => {
  const other = await createDatabase()
  const own = createPool(other.url, { max: 5 })
  await Promise.all(Array.from({ length: 10 }, () => own.query('SELECT pg_sleep(0.05)')))
  const sessions = await runSql(
    other.url,
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cruddur' AND pid <> pg_backend_pid()",
  )
  expect(sessions).toHaveLength(5)
  await own.end()
  await expectNoSessions(other.url)
  expect(await failureOf(own.query('SELECT 1'))).toMatchObject({ code: 'POOL_ENDED' })
  await other.drop()
})
