import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { serverProject, serverSql } from '../../support/server-project.ts'

test('where none was ever started, a server is absent, and asking does not change that', async () => {
  const project = await serverProject()
  const before = statSync(project.projectRoot).mtimeMs
  expect(await serverStatus(project)).toEqual({ state: 'absent' })
  expect(statSync(project.projectRoot).mtimeMs).toBe(before)
})

test('a running server is described', async () => {
  const project = await serverProject()
  const { pid, port, version, dataDirectory, logFile, since } = await project.start()
  expect(await serverStatus(project)).toEqual({
    state: 'running',
    ready: true,
    dataBytes: expect.any(Number),
    pid,
    port,
    version,
    dataDirectory,
    logFile,
    since,
  })
})

test('the size is that of the data', async () => {
  const project = await serverProject()
  const server = await project.start()
  const size = async () => {
    const status = await serverStatus(project)
    return status.state === 'absent' ? 0 : status.dataBytes
  }
  const before = await size()
  expect(before).toBeGreaterThan(10_000_000)
  await serverSql(
    server,
    "CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 20000); CHECKPOINT",
  )
  expect(await size()).toBeGreaterThan(before + 20_000_000)
})

test('since when it runs is what the server says itself', async () => {
  const project = await serverProject()
  const server = await project.start()
  const [row] = await serverSql(
    server,
    "SELECT extract(epoch FROM date_trunc('second', pg_postmaster_start_time()))::int AS t",
  )
  const difference = Math.abs(Number(row?.['t']) - server.since.getTime() / 1000)
  // postmaster.pid has whole seconds, taken a moment earlier.
  expect(difference).toBeLessThanOrEqual(1)
})

test('a stopped server is described by its data', async () => {
  const project = await serverProject()
  const { dataDirectory, logFile } = await project.start()
  await stopServer(project)
  expect(await serverStatus(project)).toEqual({
    state: 'stopped',
    version: '17',
    dataBytes: expect.any(Number),
    dataDirectory,
    logFile,
  })
})

test('a server that lets nobody in is running all the same', async () => {
  const project = await serverProject()
  const server = await project.start()
  await serverSql(server, "ALTER ROLE postgres PASSWORD 'other'")
  expect(await serverStatus(project)).toMatchObject({ state: 'running', pid: server.pid, version: '17' })
})
