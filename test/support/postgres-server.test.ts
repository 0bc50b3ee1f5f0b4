import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSql } from './database.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

describe.each([10, 17, 18])('a scratch server of PostgreSQL %i', (major) => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres({
      major,
      auth: 'scram-sha-256',
      settings: { max_connections: '37' },
      hba: ['host all anybody 127.0.0.1/32 trust'],
    })
  })

  afterAll(() => server?.stop())

  test('is of that version, in UTF-8, with the settings asked for', async () => {
    const rows = await runSql(
      server.url,
      `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
              current_setting('max_connections') AS connections`,
    )
    expect(rows[0]).toEqual({
      version: expect.stringMatching(`^${major}\\.`),
      encoding: 'UTF8',
      connections: '37',
    })
  })

  test('asks for the password', async () => {
    const wrong = server.url.replace(`:${server.password}@`, ':wrong@')
    await expect(runSql(wrong, 'SELECT 1')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
  })

  test('has the further rules of pg_hba.conf', async () => {
    await runSql(server.url, 'CREATE ROLE anybody LOGIN')
    const url = `postgres://anybody@127.0.0.1:${server.port}/postgres`
    expect(await runSql(url, 'SELECT current_user')).toEqual([{ current_user: 'anybody' }])
  })

  test('comes back on the same port after it was killed', async () => {
    const { port, pid } = server
    await server.kill()
    await expect(runSql(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' })
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await runSql(server.url, 'SELECT 1 AS one')).toEqual([{ one: '1' }])
  })
})

test('nothing is left of a server that was stopped', async () => {
  const server = await startPostgres()
  await server.stop()
  expect(existsSync(server.folder)).toBe(false)
  await expect(runSql(server.url, 'SELECT 1')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' })
})

test('a server that cannot start says why, and leaves nothing', async () => {
  await expect(startPostgres({ settings: { shared_buffers: 'nonsense' } })).rejects.toThrow(
    'invalid value for parameter',
  )
})
