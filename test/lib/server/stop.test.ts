import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { query } from '../../../src/lib/postgres/query.ts'
import { processFacts } from '../../../src/lib/server/process-table.ts'
import { embeddedTarget } from '../../../src/lib/server/server-info.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, serverProject, serverSql } from '../../support/server-project.ts'

test('stop waits until the server is gone', async () => {
  const project = await serverProject()
  await runVerb('start', project)
  const { pid, port, dataDirectory } = await project.start()
  expect(await stopServer(project)).toEqual({ wasRunning: true, pid, port })
  const facts = await processFacts(pid)
  expect(facts === undefined || facts.zombie).toBe(true)
  expect(existsSync(join(dataDirectory, 'postmaster.pid'))).toBe(false)
})

test('stop on a stopped server, and on none at all, says that there was nothing to stop', async () => {
  const project = await serverProject()
  const nothing = { wasRunning: false, pid: undefined, port: undefined }
  expect(await stopServer(project)).toEqual(nothing)
  await project.start()
  await stopServer(project)
  expect(await stopServer(project)).toEqual(nothing)
})

test('two stops at once both succeed', async () => {
  const project = await serverProject()
  await project.start()
  const outcomes = await Promise.all([stopServer(project), stopServer(project)])
  expect(outcomes.some(({ wasRunning }) => wasRunning)).toBe(true)
})

test('sessions are ended, in good order: the next start finds nothing to recover', async () => {
  const project = await serverProject()
  const server = await project.start()
  const session = await connect(embeddedTarget(server))
  await query(session, 'BEGIN; CREATE TABLE t (n int)')
  await stopServer(project)
  const next = await project.start()
  const log = readFileSync(next.logFile, 'utf8')
  expect(log).toContain('received fast shutdown request')
  expect(log).not.toContain('automatic recovery')
  expect(await serverSql(next, "SELECT to_regclass('t') AS t")).toEqual([{ t: null }])
})

test('a server that does not end in time is named', async () => {
  const project = await serverProject()
  const { pid } = await project.start()
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(stopServer({ ...project, timeout: 100 })).rejects.toMatchObject({
      code: 'SERVER_STOP_TIMEOUT',
      details: { pid },
    })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await stopServer(project)
})

test('interrupted while it waits, stop says that the shutdown goes on', async () => {
  const project = await serverProject()
  const { pid } = await project.start()
  process.kill(pid, 'SIGSTOP')
  try {
    await expect(stopServer({ ...project, signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      code: 'INTERRUPTED',
      message: expect.stringContaining('goes on'),
    })
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

test('a stop is reported as a step', async () => {
  const project = await serverProject()
  await project.start()
  const titles: string[] = []
  await stopServer({ ...project, onProgress: (event) => 'title' in event && titles.push(event.title) })
  expect(titles).toEqual(['Stopping PostgreSQL', 'PostgreSQL is stopped'])
})
