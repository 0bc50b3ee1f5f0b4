import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, machineTlsSources } from '../../../src/lib/postgres/connect.ts'
import { Connection } from '../../../src/lib/postgres/connection.ts'
import { dropDatabase, type DropOptions } from '../../../src/lib/postgres/drop-database.ts'
import { query, send } from '../../../src/lib/postgres/query.ts'
import { openSocket } from '../../../src/lib/postgres/socket.ts'
import { planTls } from '../../../src/lib/postgres/tls.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { failureOf } from '../../support/load.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { createRole } from '../../support/role.ts'

let server: PostgresServer

beforeAll(async () => {
  const settings = { wal_level: 'logical', max_prepared_transactions: '5' }
  server = await startPostgres({ major: TEST_MAJOR, settings })
})
afterAll(() => server?.stop())

const drop = (url: string, options: Partial<DropOptions> = {}) =>
  dropDatabase({ target: parseConnectionUrl(url), ...options })

async function exists({ name }: TestDatabase): Promise<boolean> {
  return (await runSql(server.url, `SELECT FROM pg_database WHERE datname = '${name}'`)).length > 0
}

async function isOpen({ url }: TestDatabase): Promise<boolean> {
  return (await runSql(url, 'SELECT 1')).length === 1
}

test('drops what is there, and says so when it is not', async () => {
  const database = await createDatabase(server.url)
  const { name } = database
  expect(await drop(database.url)).toEqual({ database: name, dropped: true, endedSessions: 0 })
  expect(await exists(database)).toBe(false)
  expect(await drop(database.url)).toEqual({ database: name, dropped: false, endedSessions: 0 })
  expect(await drop(database.url, { force: true })).toMatchObject({ dropped: false })
})

test('of several at once none fails', async () => {
  const database = await createDatabase(server.url)
  await Promise.all(Array.from({ length: 5 }, () => drop(database.url)))
  expect(await exists(database)).toBe(false)
})

test('refuses while others are connected, and names them', async () => {
  const database = await createDatabase(server.url)
  const target = parseConnectionUrl(database.url)
  const one = await connect({ ...target, applicationName: 'the dashboard' })
  const two = await connect({ ...target, applicationName: 'the worker' })
  await query(two, 'BEGIN; SELECT 1')
  const error = await failureOf(drop(database.url))
  expect(error).toMatchObject({ code: 'SESSIONS_CONNECTED', kind: 'failed' })
  expect(error.message).toContain('was not dropped: 2 sessions are connected')
  expect(error.hint).toContain('--force')
  expect(error.context?.split('\n').toSorted()).toEqual(
    [
      `pid ${one.processId}, postgres, the dashboard, 127.0.0.1, idle`,
      `pid ${two.processId}, postgres, the worker, 127.0.0.1, idle in transaction`,
    ].toSorted(),
  )
  expect(error.details['sessions']).toHaveLength(2)
  await query(two, 'COMMIT')
  await Promise.all([one.close(), two.close()])
  expect(await drop(database.url)).toMatchObject({ dropped: true, endedSessions: 0 })
})

test('names the sessions of others also to an owner who may not see what they do', async () => {
  const owner = await createRole('CREATEDB', server.url)
  const database = await createDatabase(server.url)
  await runSql(server.url, `ALTER DATABASE ${database.name} OWNER TO ${owner.name}`)
  const other = await connect({ ...parseConnectionUrl(database.url), applicationName: 'the other' })
  const error = await failureOf(drop(owner.urlOf(database.url)))
  expect(error.code).toBe('SESSIONS_CONNECTED')
  expect(error.context).toBe(`pid ${other.processId}, postgres, the other, local`)
  await other.close()
  await drop(owner.urlOf(database.url))
  expect(await exists(database)).toBe(false)
})

test('with force it ends the sessions, whatever they do', async () => {
  const database = await createDatabase(server.url)
  const target = parseConnectionUrl(database.url)
  const [idle, working, open] = [await connect(target), await connect(target), await connect(target)]
  await query(open, 'BEGIN; CREATE TABLE t (); LOCK TABLE t')
  const asleep = failureOf(query(working, 'SELECT pg_sleep(600)'))
  expect(await drop(database.url, { force: true })).toMatchObject({ dropped: true, endedSessions: 3 })
  expect(await exists(database)).toBe(false)
  expect(await asleep).toMatchObject({ code: 'CONNECTION_LOST', details: { sqlstate: '57P01' } })
  for (const connection of [idle, open]) await expect.poll(() => connection.alive).toBe(false)
})

test('with force nobody gets in between, however often they come back', async () => {
  for (let round = 0; round < 3; round++) {
    const database = await createDatabase(server.url)
    const target = parseConnectionUrl(database.url)
    const stop = new AbortController()
    const comingBack = Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) {
        const connection = await connect(target).catch(() => undefined)
        const stays = () => connection?.alive === true && !stop.signal.aborted
        while (stays()) await pause(1)
        connection?.destroy()
      }
    })
    const busy = `SELECT pid FROM pg_stat_activity WHERE datname = '${database.name}'`
    await expect.poll(async () => (await runSql(server.url, busy)).length).toBe(8)
    try {
      expect(await drop(database.url, { force: true })).toMatchObject({ dropped: true })
    } finally {
      stop.abort()
      await Promise.all(comingBack)
    }
    expect(await exists(database)).toBe(false)
  }
})

test('a prepared transaction keeps the database, and the door is open again', async () => {
  const database = await createDatabase(server.url)
  await runSql(database.url, "BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'left behind'")
  for (const force of [false, true]) {
    const error = await failureOf(drop(database.url, { force }))
    expect(error).toMatchObject({ code: 'DATABASE_IN_USE', details: { sqlstate: '55006' } })
    expect(await isOpen(database)).toBe(true)
  }
  await runSql(database.url, "ROLLBACK PREPARED 'left behind'")
  expect(await drop(database.url)).toMatchObject({ dropped: true })
})

test('a replication slot keeps it only while somebody reads it', async () => {
  const database = await createDatabase(server.url)
  const slot = `slot_${database.name}`
  await runSql(database.url, `SELECT pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
  const active = `SELECT FROM pg_replication_slots WHERE slot_name = '${slot}' AND active`
  const reader = await readSlot(database.url, slot)
  await expect.poll(() => runSql(server.url, active)).toHaveLength(1)
  // Before PostgreSQL 13 force ends the reader as well.
  for (const force of TEST_MAJOR < 13 ? [false] : [false, true]) {
    const error = await failureOf(drop(database.url, { force }))
    expect(error).toMatchObject({ code: 'DATABASE_IN_USE', details: { sqlstate: '55006' } })
    expect(error.message).toContain('replication slot')
    expect(await isOpen(database)).toBe(true)
  }
  reader.destroy()
  await expect.poll(() => runSql(server.url, active)).toEqual([])
  expect(await drop(database.url)).toMatchObject({ dropped: true })
  expect(await runSql(server.url, 'SELECT slot_name FROM pg_replication_slots')).toEqual([])
})

/** A session that reads a logical replication slot, as a subscriber does. */
async function readSlot(url: string, slot: string): Promise<Connection> {
  const target = parseConnectionUrl(url)
  const sources = machineTlsSources(undefined)
  const plan = await planTls(target, sources)
  const socket = await openSocket(target, {
    encrypt: false,
    plan,
    sources,
    timeout: 10_000,
    signal: undefined,
  })
  const connection = await Connection.start(socket, target, { replication: 'database' })
  const options = "(proto_version '1', publication_names 'none')"
  // It never ends: the server goes on sending changes.
  void send(connection, `START_REPLICATION SLOT ${slot} LOGICAL 0/0 ${options}`).catch(() => undefined)
  return connection
}

test('a forced drop that is not permitted leaves the door open', async () => {
  const role = await createRole('CREATEDB', server.url)
  const database = await createDatabase(server.url)
  const staying = await connect(parseConnectionUrl(database.url))
  const error = await failureOf(drop(role.urlOf(database.url), { force: true }))
  expect(error).toMatchObject({ code: 'PERMISSION_DENIED', details: { sqlstate: '42501' } })
  expect(staying.alive).toBe(true)
  await staying.close()
  expect(await isOpen(database)).toBe(true)
  await database.drop()
})

test('a forced drop that fails leaves a door closed that was closed before', async () => {
  const database = await createDatabase(server.url)
  await runSql(database.url, "BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'in a closed one'")
  const allow = async (allowed: boolean) =>
    runSql(server.url, `ALTER DATABASE ${database.name} ALLOW_CONNECTIONS ${allowed}`)
  await allow(false)
  expect(await failureOf(drop(database.url, { force: true }))).toMatchObject({ code: 'DATABASE_IN_USE' })
  await expect(isOpen(database)).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  await allow(true)
  await runSql(database.url, "ROLLBACK PREPARED 'in a closed one'")
  expect(await drop(database.url)).toMatchObject({ dropped: true })
})
