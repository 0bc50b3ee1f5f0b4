import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connection } from '../../../src/lib/postgres/connection.ts'
import { killSessions, type KillOptions } from '../../../src/lib/postgres/kill-sessions.ts'
import { query } from '../../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { failureOf } from '../../support/load.ts'
import { createRole } from '../../support/role.ts'
import { TestSessions } from '../../support/test-sessions.ts'

let database: TestDatabase
let sessions: TestSessions

beforeEach(async () => {
  database = await createDatabase()
  sessions = new TestSessions(database.url)
})
afterEach(async () => {
  await sessions.end()
  await database.drop()
})

const kill = (options: Partial<KillOptions>, url = database.url) =>
  killSessions({ target: parseConnectionUrl(url), ...options })

/** Which of the sessions the server still has. */
async function left(...connections: readonly Connection[]): Promise<Connection[]> {
  const rows = await runSql(database.url, 'SELECT pid::text AS pid FROM pg_stat_activity')
  const pids = new Set(rows.map(({ pid }) => Number(pid)))
  return connections.filter(({ processId }) => pids.has(processId))
}

const pidsOf = (ended: readonly { pid: number }[]) => ended.map(({ pid }) => pid)

test('ends the session with the pid, and no other', async () => {
  const [one, two] = [await sessions.open('BEGIN; SELECT 1'), await sessions.open('SELECT 2')]
  const result = await kill({ pids: [one.processId] })
  expect(pidsOf(result.ended)).toEqual([one.processId])
  expect(result).toMatchObject({ dryRun: false, ending: [] })
  expect(result.ended[0]).toMatchObject({ query: 'BEGIN; SELECT 1', state: 'idle in transaction' })
  expect(await left(one, two)).toEqual([two])
})

test('ends all but our own', async () => {
  const busy = await sessions.start('SELECT pg_sleep(600)')
  const idle = await sessions.open('SELECT 1')
  const { ended } = await kill({ all: true })
  expect(new Set(pidsOf(ended))).toEqual(new Set([busy.processId, idle.processId]))
  expect(await left(busy, idle)).toEqual([])
  expect(await kill({ all: true })).toEqual({ dryRun: false, ended: [], ending: [] })
})

test('ends those that have been idle in a transaction for so long, failed ones too', async () => {
  const old = await sessions.open('BEGIN; SELECT 1')
  const failed = await sessions.open('BEGIN')
  await query(failed, 'SELECT 1/0').catch(() => undefined)
  await runSql(database.url, 'SELECT pg_sleep(0.5)')
  const young = await sessions.open('BEGIN; SELECT 1')
  const idle = await sessions.open('SELECT 1')
  const busy = await sessions.start('SELECT pg_sleep(600)', 'BEGIN')
  const all = [old, failed, young, idle, busy]
  expect(pidsOf((await kill({ idleInTransaction: 3_600_000 })).ended)).toEqual([])
  const { ended } = await kill({ idleInTransaction: 500 })
  expect(pidsOf(ended)).toEqual(expect.arrayContaining([old.processId, failed.processId]))
  for (const { processId } of [idle, busy]) expect(pidsOf(ended)).not.toContain(processId)
  await kill({ idleInTransaction: 0 })
  expect(await left(...all)).toEqual([idle, busy])
})

test('a dry run says whom it would end, and ends nobody', async () => {
  const open = await sessions.open('BEGIN; SELECT 1')
  const choices = [{ all: true }, { pids: [open.processId] }, { idleInTransaction: 0 }]
  for (const choice of choices) {
    const { dryRun, ended } = await kill({ ...choice, dryRun: true })
    expect(dryRun).toBe(true)
    expect(pidsOf(ended)).toEqual([open.processId])
  }
  expect(await left(open)).toEqual([open])
  expect(await query(open, 'SELECT 1')).toHaveLength(1)
})

test('a pid that is gone, of another database or of the server itself is refused, and nobody is ended', async () => {
  const here = await sessions.open('SELECT 1')
  const other = await createDatabase()
  const elsewhere = new TestSessions(other.url)
  const there = await elsewhere.open('SELECT 1')
  const [checkpointer] = await runSql(
    database.url,
    "SELECT pid::text AS pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
  )
  for (const pid of [2 ** 31 - 1, there.processId, Number(checkpointer?.['pid'])]) {
    const error = await failureOf(kill({ pids: [here.processId, pid] }))
    expect(error).toMatchObject({ code: 'NO_SUCH_SESSION', kind: 'usage', details: { pids: [pid] } })
    expect(error.message).toBe(`There is no session ${pid} in "${database.name}".`)
  }
  expect(await left(here, there)).toEqual([here, there])
  await elsewhere.end()
  await other.drop()
})

test('it is not enough to say nothing', async () => {
  const here = await sessions.open('SELECT 1')
  for (const nothing of [{}, { pids: [] }, { dryRun: true }])
    expect(await failureOf(kill(nothing))).toMatchObject({ code: 'NO_SESSIONS_CHOSEN', kind: 'usage' })
  expect(await left(here)).toEqual([here])
})

test('it tells a session from another with the same pid, however the role likes its dates', async () => {
  const role = await createRole('SUPERUSER')
  // In India's time zone such a date reads as one of Israel's.
  await runSql(database.url, `ALTER ROLE ${role.name} SET DateStyle = 'SQL, DMY'`)
  await runSql(database.url, `ALTER ROLE ${role.name} SET TimeZone = 'Asia/Kolkata'`)
  const one = await sessions.open('SELECT 1')
  const { ending } = await kill({ pids: [one.processId] }, role.urlOf(database.url))
  expect(ending).toEqual([])
  expect(await left(one)).toEqual([])
})

test("without the right to, it says whose sessions could not be ended, and ends the user's own", async () => {
  const role = await createRole()
  const others = await sessions.open('SELECT 1')
  const mine = new TestSessions(role.urlOf(database.url))
  const own = await mine.open('SELECT 1')
  const error = await failureOf(kill({ all: true }, role.urlOf(database.url)))
  expect(error).toMatchObject({
    code: 'PERMISSION_DENIED',
    details: { refused: [others.processId], ended: 1 },
    hint: expect.stringContaining('pg_signal_backend'),
  })
  expect(error.message).toMatch(/^Could not end session \d+: (must be|permission denied)/)
  await expect.poll(() => left(others, own)).toEqual([others])
})
