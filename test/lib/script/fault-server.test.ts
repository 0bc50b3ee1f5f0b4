import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { copyScript, insertScript } from '../../support/generated-script.ts'
import { failureOf, loadText } from '../../support/load.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { expectUnchanged } from '../../support/unchanged.ts'

let server: PostgresServer
let database: TestDatabase

beforeAll(async () => {
  server = await startPostgres()
  database = await createDatabase(server.url)
  await runSql(database.url, 'CREATE TABLE before (a int); INSERT INTO before VALUES (1)')
})
afterAll(() => server?.stop())

/** The process that serves the session of the load. */
async function backendPid(): Promise<number> {
  const sql = `SELECT pid FROM pg_stat_activity WHERE datname = '${database.name}' AND application_name = 'cruddur' AND pid <> pg_backend_pid()`
  const [row] = await runSql(server.url, sql)
  return Number(row?.['pid'])
}

/** What can happen to a server while it works. */
const ACCIDENTS = [
  { name: 'an immediate shutdown', strike: async () => void process.kill(server.pid, 'SIGQUIT') },
  { name: 'a fast shutdown', strike: async () => void process.kill(server.pid, 'SIGINT') },
  {
    name: 'the end of the process of the session',
    strike: async (pid: Promise<number>) => void process.kill(await pid, 'SIGKILL'),
  },
  {
    name: 'the termination of the session',
    strike: async (pid: Promise<number>) => void process.kill(await pid, 'SIGTERM'),
  },
]

/** Large enough to be under way for a while: the accident happens when a fifth has been read. */
const SCRIPTS = [
  { name: 'INSERTs', script: insertScript(100_000) },
  { name: 'a COPY', script: copyScript(1_000_000) },
]

async function loadWith(script: string, strike: (pid: Promise<number>) => Promise<void>) {
  let pid: Promise<number> | undefined
  let striking: Promise<void> | undefined
  const error = await failureOf(
    loadText(database.url, script, {
      onProgress(event) {
        if (event.type !== 'bytes') return
        // Asked for at once, as the script may be done before the answer is there.
        pid ??= backendPid()
        pid.catch(() => undefined)
        if (event.done > script.length / 5) striking ??= strike(pid)
      },
    }),
  )
  await striking
  return error
}

/** Waits until the server has recovered by itself; starts it again when it has ended. */
async function recover(): Promise<void> {
  while (server.running) {
    const recovered = await runSql(server.url, 'SELECT 1').then(
      () => true,
      () => false,
    )
    if (recovered) return
    await pause(20)
  }
  await server.restart()
}

describe.for(SCRIPTS)('during $name', ({ script }) => {
  test.for(ACCIDENTS)('$name leaves the database as it was', async ({ strike }) => {
    const error = await expectUnchanged(database.url, async () => {
      const failure = await loadWith(script, strike)
      await recover()
      return failure
    })
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', kind: 'unreachable' })
  })
})

test('the termination of a session that waits for the script leaves the database as it was', async () => {
  const error = await expectUnchanged(database.url, () => {
    // Nothing is on its way when the session ends: the next statement comes only with the next read.
    const script = `CREATE TABLE t ();\n${'-- a comment\n'.repeat(6_000_000)}SELECT 1;\n`
    return loadWith(script, async (pid) => void process.kill(await pid, 'SIGTERM'))
  })
  expect(error.code).toBe('CONNECTION_LOST')
})

test('what the server said last is in the error', async () => {
  const loading = failureOf(loadText(database.url, 'SELECT pg_sleep(600);'))
  const asleep = `SELECT 1 FROM pg_stat_activity WHERE datname = '${database.name}' AND wait_event = 'PgSleep'`
  await expect.poll(() => runSql(server.url, asleep), { timeout: 30_000 }).toHaveLength(1)
  process.kill(await backendPid(), 'SIGTERM')
  const error = await loading
  expect(error.message).toContain('terminating connection due to administrator command')
  expect(error.details).toMatchObject({ sqlstate: '57P01' })
})

test('a session that idles too long in its transaction is told so', async () => {
  const options = encodeURIComponent('-c idle_in_transaction_session_timeout=100')
  const script = 'SELECT 1 AS one \\gset\n\\! sleep 1\nCREATE TABLE t ();\n'
  const error = await failureOf(
    loadText(`${database.url}?options=${options}`, script, { allowPrograms: true }),
  )
  expect(error).toMatchObject({ code: 'CONNECTION_LOST', details: { sqlstate: '25P03' } })
})
