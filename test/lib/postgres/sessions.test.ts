import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import type { Connection } from '../../../src/lib/postgres/connection.ts'
import { query } from '../../../src/lib/postgres/query.ts'
import { blockingTree, listSessions, type Session } from '../../../src/lib/postgres/sessions.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { createRole } from '../../support/role.ts'
import { TestSessions } from '../../support/test-sessions.ts'

let server: PostgresServer
let database: TestDatabase
let sessions: TestSessions

beforeAll(async () => {
  server = await startPostgres({ major: TEST_MAJOR, settings: { max_prepared_transactions: '5' } })
  database = await createDatabase(server.url)
  await runSql(database.url, 'CREATE TABLE a AS SELECT 1 AS n; CREATE TABLE b ()')
  sessions = new TestSessions(database.url)
})
afterEach(() => sessions.end())
afterAll(() => server?.stop())

const list = (url = database.url) => listSessions({ target: parseConnectionUrl(url) })

async function find({ processId }: Connection, url?: string): Promise<Session> {
  const found = (await list(url)).find(({ pid }) => pid === processId)
  if (!found) throw new Error(`session ${processId} is not listed`)
  return found
}

/** Waits until the session waits for somebody, and returns it. */
async function blocked(connection: Connection, url?: string): Promise<Session> {
  await expect.poll(async () => (await find(connection, url)).blockedBy, { timeout: 30_000 }).not.toEqual([])
  return find(connection, url)
}

test('an ALTER TABLE behind an open SELECT shows who blocks it, and what it waits for', async () => {
  const reader = await sessions.open('BEGIN; SELECT * FROM a')
  const alter = await sessions.start('ALTER TABLE a ADD COLUMN m int')
  expect(await blocked(alter)).toMatchObject({
    blockedBy: [reader.processId],
    waitsFor: 'AccessExclusiveLock on a',
    state: 'active',
    query: 'ALTER TABLE a ADD COLUMN m int',
  })
  expect(await find(reader)).toMatchObject({
    blockedBy: [],
    waitsFor: undefined,
    state: 'idle in transaction',
    query: 'BEGIN; SELECT * FROM a',
  })
})

test('a chain of three shows who stands behind whom', async () => {
  const first = await sessions.open('BEGIN; LOCK TABLE b IN ACCESS SHARE MODE')
  const second = await sessions.start('LOCK TABLE b IN ACCESS EXCLUSIVE MODE', 'BEGIN')
  await blocked(second)
  const third = await sessions.start('SELECT * FROM b')
  expect(await blocked(third)).toMatchObject({
    blockedBy: [second.processId],
    waitsFor: 'AccessShareLock on b',
  })
  const tree = blockingTree(await list())
  expect(tree.get(first.processId)).toEqual([second.processId])
  expect(tree.get(second.processId)).toEqual([third.processId])
  expect(tree.has(third.processId)).toBe(false)
})

test('a prepared transaction that blocks is shown as 0, a row as a row, an advisory lock as such', async () => {
  await runSql(database.url, "BEGIN; UPDATE a SET n = 2; PREPARE TRANSACTION 'left behind'")
  const update = await sessions.start('UPDATE a SET n = 3')
  expect(await blocked(update)).toMatchObject({
    blockedBy: [0],
    waitsFor: 'ShareLock on a row of another transaction',
  })
  await runSql(database.url, "ROLLBACK PREPARED 'left behind'")
  const holder = await sessions.open('SELECT pg_advisory_lock(42)')
  const waiting = await sessions.start('SELECT pg_advisory_lock(42)')
  expect(await blocked(waiting)).toMatchObject({
    blockedBy: [holder.processId],
    waitsFor: 'ExclusiveLock on advisory',
  })
})

test('ages are in milliseconds and tell since when: the session, its transaction, its query, its state', async () => {
  const connection = await sessions.open("SET application_name = 'the worker'")
  await query(connection, 'BEGIN; SELECT pg_sleep(0.3)')
  await query(connection, 'SELECT 1')
  const session = await find(connection)
  expect(session).toMatchObject({
    state: 'idle in transaction',
    application: 'the worker',
    user: 'postgres',
    client: '127.0.0.1',
    database: database.name,
  })
  expect(session.transactionAge).toBeGreaterThanOrEqual(300)
  expect(session.queryAge).toBeLessThanOrEqual((session.transactionAge ?? 0) - 300)
  expect(session.stateAge).toBeLessThanOrEqual(session.queryAge ?? 0)
  await query(connection, 'COMMIT')
  expect(await find(connection)).toMatchObject({ state: 'idle', transactionAge: undefined })
})

test('what sleeps or waits for its client does not wait for somebody', async () => {
  const asleep = await sessions.start('SELECT pg_sleep(600)')
  await expect.poll(async () => (await find(asleep)).waitsFor).toBe('Timeout: PgSleep')
  expect((await find(asleep)).blockedBy).toEqual([])
  const idle = await sessions.open('SELECT 1')
  expect(await find(idle)).toMatchObject({ state: 'idle', waitsFor: undefined, blockedBy: [] })
})

test('only sessions of clients with this database are listed, and not our own', async () => {
  const elsewhere = await connect(parseConnectionUrl(server.url))
  const here = await sessions.open('SELECT 1')
  const listed = await list()
  expect(listed.map(({ pid }) => pid)).toContain(here.processId)
  expect(listed.map(({ pid }) => pid)).not.toContain(elsewhere.processId)
  expect(new Set(listed.map((session) => session.database))).toEqual(new Set([database.name]))
  expect(listed.filter((session) => session.query?.includes('pg_stat_activity'))).toEqual([])
  await elsewhere.close()
})

test('the time of the start is ISO 8601 to the microsecond, however the role likes its dates', async () => {
  const role = await createRole('SUPERUSER', server.url)
  await runSql(server.url, `ALTER ROLE ${role.name} SET DateStyle = 'SQL, DMY'`)
  await runSql(server.url, `ALTER ROLE ${role.name} SET TimeZone = 'Asia/Kolkata'`)
  const connection = await sessions.open('SELECT 1')
  const { startedAt } = await find(connection, role.urlOf(database.url))
  expect(startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  const [row] = await runSql(
    database.url,
    `SELECT (backend_start = '${startedAt}')::text AS same FROM pg_stat_activity WHERE pid = ${connection.processId}`,
  )
  expect(row).toEqual({ same: 'true' })
})

describe('a user who may not see what others do', () => {
  test('sees that they are there and who blocks whom, but neither query nor times', async () => {
    const role = await createRole('', server.url)
    const holder = await sessions.open('BEGIN; LOCK TABLE b IN ACCESS SHARE MODE')
    const waiting = await sessions.start('LOCK TABLE b', 'BEGIN')
    await blocked(waiting)
    const url = role.urlOf(database.url)
    expect(await find(holder, url)).toMatchObject({ user: 'postgres', startedAt: '', state: undefined })
    const seen = await blocked(waiting, url)
    expect(seen.blockedBy).toContain(holder.processId)
    expect(seen.waitsFor).toBe('AccessExclusiveLock on b')
    expect(JSON.stringify(seen)).not.toContain('LOCK TABLE')
    const everybody = await list(url)
    expect(everybody.every(({ user }) => user !== undefined)).toBe(true)
  })

  test('sees everything of their own', async () => {
    const role = await createRole('', server.url)
    const own = await connect(parseConnectionUrl(role.urlOf(database.url)))
    await query(own, 'SELECT 42')
    const session = await find(own, role.urlOf(database.url))
    expect(session).toMatchObject({ user: role.name, query: 'SELECT 42', state: 'idle' })
    expect(session.startedAt).not.toBe('')
    await own.close()
  })
})
