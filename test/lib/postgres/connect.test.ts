import { mkdtempSync, chownSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import type { Connection } from '../../../src/lib/postgres/connection.ts'
import { queryRows } from '../../../src/lib/postgres/query.ts'
import { parseConnectionUrl, type Target } from '../../../src/lib/target/connection-url.ts'
import { runSql } from '../../support/database.ts'
import { AUTHENTICATION_OK, fakeServer, fatal, READY } from '../../support/fake-server.ts'
import { freePort } from '../../support/free-port.ts'
import { failureOf } from '../../support/load.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

const HBA = ['host all refused 127.0.0.1/32 reject', 'host all "by password" all scram-sha-256']

let server: PostgresServer
let sockets: string

beforeAll(async () => {
  sockets = mkdtempSync(join(tmpdir(), 'cruddur-sockets-'))
  chmodSync(sockets, 0o755)
  server = await startPostgres({
    major: TEST_MAJOR,
    settings: { max_connections: '12', unix_socket_directories: sockets },
    hba: HBA,
    prepare(_, user) {
      if (user) chownSync(sockets, user.uid, user.gid)
    },
  })
})
afterAll(async () => {
  await server?.stop()
  rmSync(sockets, { recursive: true, force: true })
})

const at = (part: string, port = server.port): Target =>
  parseConnectionUrl(
    `postgres://${part.includes('@') ? '' : 'postgres@'}${part.replace('HERE', `127.0.0.1:${port}`)}`,
  )

async function fillUp(): Promise<Connection[]> {
  const open: Connection[] = []
  for (;;)
    try {
      open.push(await connect(at('HERE/postgres')))
    } catch {
      return open
    }
}

test.each([
  ['a database that is not there', 'HERE/missing', 'NO_DATABASE', 'cruddur db create', 'failed'],
  ['a role that is not there', 'nobody@HERE/postgres', 'LOGIN_REFUSED', 'Create the role', 'unreachable'],
  ['a rule of pg_hba.conf', 'refused@HERE/postgres', 'HBA_REFUSED', 'sslmode=require', 'unreachable'],
  [
    'an option that is none',
    'HERE/postgres?options=-c%20nonsense%3D1',
    'LOGIN_REFUSED',
    'Check',
    'unreachable',
  ],
  [
    'a host that is not known',
    'no-such-host.invalid/app',
    'HOST_NOT_FOUND',
    'spelling|network',
    'unreachable',
  ],
  [
    'no socket in the folder',
    'localhost/app?host=/nowhere',
    'SERVER_NOT_RUNNING',
    'db server start',
    'unreachable',
  ],
  [
    'a folder that is a file',
    `localhost/app?host=${import.meta.filename}`,
    'SERVER_NOT_RUNNING',
    'db server',
    'unreachable',
  ],
  [
    'a folder with too long a name',
    `localhost/app?host=/${'x'.repeat(120)}`,
    'SERVER_NOT_RUNNING',
    'db server',
    'unreachable',
  ],
])('%s is named, with what to do', async (_, part, code, hint, kind) => {
  const error = await failureOf(connect(at(part)))
  expect(error).toMatchObject({ code, kind, hint: expect.stringMatching(hint) })
})

test('a port where nobody listens is named', async () => {
  const port = await freePort()
  const error = await failureOf(connect(at('HERE/app', port)))
  expect(error).toMatchObject({ code: 'SERVER_NOT_RUNNING', kind: 'unreachable' })
  expect(error.message).toBe(`Nothing listens on 127.0.0.1:${port}.`)
})

test('a server that does not answer is given up in time, before and after the question for TLS', async () => {
  const silent = await fakeServer(() => undefined)
  for (const mode of ['disable', 'require'])
    expect(await failureOf(connect(silent.target(`sslmode=${mode}&connect_timeout=1`)))).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: expect.stringContaining('within 1 s'),
    })
})

test('a server without a free connection says so, and for whom', async () => {
  const open = await fillUp()
  const full = await failureOf(connect(at('HERE/postgres')))
  for (const connection of open) await connection.close()
  expect(open.length).toBeGreaterThan(5)
  expect(full).toMatchObject({ code: 'TOO_MANY_CONNECTIONS', details: { sqlstate: '53300' } })
  await runSql(server.url, 'CREATE ROLE alone LOGIN CONNECTION LIMIT 1')
  const only = await connect(at('alone@HERE/postgres'))
  const error = await failureOf(connect(at('alone@HERE/postgres')))
  await only.close()
  expect(error).toMatchObject({ code: 'TOO_MANY_CONNECTIONS' })
  expect(error.message).toContain('"alone"')
})

test('the directory of a Unix socket is a host', async () => {
  const connection = await connect(
    parseConnectionUrl(
      `postgres://postgres@localhost:${server.port}/postgres?host=${sockets}&sslmode=require`,
    ),
  )
  const [row] = await queryRows(connection, 'SELECT inet_server_addr()::text AS address')
  expect(row).toEqual({ address: null })
  expect(connection.encrypted).toBe(false)
  await connection.close()
})

const shown = (target: Target) =>
  runSqlOn(
    target,
    "SELECT current_setting('application_name') AS name, current_setting('work_mem') AS memory, current_setting('client_encoding') AS encoding",
  )

test('the session has the name, the options and the encoding that it asked for', async () => {
  expect(await shown(at('HERE/postgres'))).toMatchObject({ name: 'cruddur', encoding: 'UTF8' })
  const target = at('HERE/postgres?application_name=my%20app&options=-c%20work_mem%3D7MB')
  expect(await shown(target)).toEqual({ name: 'my app', memory: '7MB', encoding: 'UTF8' })
})

async function runSqlOn(target: Target, sql: string) {
  const connection = await connect(target)
  const [row] = await queryRows(connection, sql)
  await connection.close()
  return row
}

test('a server that is starting is waited for, and one that is not there if asked to', async () => {
  let left = 3
  const starting = await fakeServer((socket) => {
    socket.once('data', () =>
      socket.end(
        left-- > 0
          ? fatal('57P03', 'the database system is starting up')
          : Buffer.concat([AUTHENTICATION_OK, READY]),
      ),
    )
  })
  await connect(starting.target())
  expect(starting.connections()).toBe(4)
  left = 1
  expect(await failureOf(connect(starting.target(), { wait: 0 }))).toMatchObject({
    code: 'SERVER_STARTING',
    kind: 'unreachable',
  })
})

test('a server that comes back after an accident is waited for', async () => {
  await server.kill()
  expect(await failureOf(connect(at('HERE/postgres')))).toMatchObject({ code: 'SERVER_NOT_RUNNING' })
  expect(await failureOf(connect(at('HERE/postgres'), { wait: 300 }))).toMatchObject({
    code: 'SERVER_NOT_RUNNING',
  })
  const waiting = connect(at('HERE/postgres'), { wait: 30_000 })
  await pause(300)
  await server.restart()
  const connection = await waiting
  expect(await queryRows(connection, 'SELECT 1 AS one')).toEqual([{ one: '1' }])
  await connection.close()
})

test('a server that is shutting down says so, and is waited for until it is back', async () => {
  const staying = await connect(at('HERE/postgres'))
  process.kill(server.pid, 'SIGTERM')
  const error = async () => failureOf(connect(at('HERE/postgres'), { wait: 0 }))
  await expect.poll(async () => (await error().catch(() => undefined))?.code).toBe('SERVER_STARTING')
  expect((await error()).message).toContain('shutting down')
  const waiting = connect(at('HERE/postgres'), { wait: 30_000 })
  await staying.close()
  await server.restart()
  await (await waiting).close()
})
