// A project that is copied or moved while its server runs.
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRoot } from '../../../src/lib/server/run-as.ts'
import { startServer } from '../../../src/lib/server/start.ts'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, type ServerProject, serverProject, serverSql } from '../../support/server-project.ts'

/** The same project at another place. */
function elsewhere({ scratch, systemFolder }: ServerProject): { projectRoot: string; systemFolder: string } {
  const projectRoot = join(scratch, 'elsewhere')
  onTestFinished(() => stopServer({ projectRoot }).then(() => undefined))
  return { projectRoot, systemFolder }
}

describe.each([
  ['with owners and modes', ['-a']],
  ['without owners and modes', ['-r']],
])('a copy made %s while the server runs', (_, options) => {
  test('leaves the original’s server alone and gets its own', async () => {
    const project = await serverProject()
    const original = await project.start()
    await serverSql(original, 'CREATE TABLE t AS SELECT 1 AS n; CHECKPOINT')
    const copy = elsewhere(project)
    execFileSync('cp', [...options, project.projectRoot, copy.projectRoot])
    expect(await serverStatus(copy)).toMatchObject({ state: 'stopped' })
    expect(await stopServer(copy)).toMatchObject({ wasRunning: false })
    const own = await startServer(copy)
    expect(own.startedNow).toBe(true)
    expect(own.pid).not.toBe(original.pid)
    expect(own.port).not.toBe(original.port)
    expect(await serverSql(own, 'UPDATE t SET n = 2 RETURNING n')).toEqual([{ n: '2' }])
    expect(await serverSql(original, 'SELECT n FROM t')).toEqual([{ n: '1' }])
    expect(await stopServer(copy)).toMatchObject({ wasRunning: true, pid: own.pid })
    expect(await project.start()).toMatchObject({ pid: original.pid, startedNow: false })
  })
})

test.runIf(process.platform === 'linux')(
  'a project that is moved takes its running server along',
  async () => {
    const project = await serverProject()
    await runVerb('start', project)
    const server = await project.start()
    const moved = elsewhere(project)
    renameSync(project.projectRoot, moved.projectRoot)
    const dataDirectory = join(moved.projectRoot, '.cruddur', 'postgres', 'data')
    expect(await serverStatus(moved)).toMatchObject({ state: 'running', pid: server.pid, dataDirectory })
    expect(await startServer(moved)).toMatchObject({ pid: server.pid, startedNow: false, dataDirectory })
    await serverSql(server, 'CREATE TABLE t AS SELECT 1 AS n')
    expect(await stopServer(moved)).toMatchObject({ wasRunning: true, pid: server.pid })
    expect(await serverSql(await startServer(moved), 'SELECT n FROM t')).toEqual([{ n: '1' }])
  },
)

describe.runIf(process.platform === 'linux' && isRoot())('with the data in the system’s folder', () => {
  test('a copy gets data of its own', async () => {
    const project = await serverProject()
    chmodSync(project.projectRoot, 0o700)
    const original = await project.start()
    const copy = elsewhere(project)
    execFileSync('cp', ['-a', project.projectRoot, copy.projectRoot])
    expect(await serverStatus(copy)).toEqual({ state: 'absent' })
    const own = await startServer(copy)
    expect(own.dataDirectory).not.toBe(original.dataDirectory)
    expect(await project.start()).toMatchObject({ pid: original.pid, dataDirectory: original.dataDirectory })
    expect(await startServer(copy)).toMatchObject({ pid: own.pid, dataDirectory: own.dataDirectory })
  })

  test('a moved project keeps its data, and a new one at the old place gets its own', async () => {
    const project = await serverProject()
    chmodSync(project.projectRoot, 0o700)
    const server = await project.start()
    const moved = elsewhere(project)
    renameSync(project.projectRoot, moved.projectRoot)
    expect(await startServer(moved)).toMatchObject({ pid: server.pid, startedNow: false })
    execFileSync('mkdir', ['-m', '700', project.projectRoot])
    const fresh = await project.start()
    expect(fresh.dataDirectory).not.toBe(server.dataDirectory)
    const pointer = join(project.projectRoot, '.cruddur', 'postgres.location')
    expect(join(readFileSync(pointer, 'utf8').trim(), 'data')).toBe(fresh.dataDirectory)
    expect(await startServer(moved)).toMatchObject({ pid: server.pid })
  })
})
