import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { processesIn } from '../../../src/lib/server/process-table.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, type ServerProject, serverProject, serverSql } from '../../support/server-project.ts'

/** Starts the server from several processes at once; all must succeed. Returns what they got. */
async function startAtOnce(project: ServerProject, count: number): Promise<Record<string, unknown>[]> {
  const outcomes = await Promise.all(Array.from({ length: count }, () => runVerb('start', project)))
  expect(outcomes.flatMap(({ error }) => (error ? [error] : []))).toEqual([])
  return outcomes.map(({ result }) => result ?? {})
}

/** One server, the same for all, started by one of them. */
function expectOne(results: readonly Record<string, unknown>[]): void {
  expect(new Set(results.map(({ pid, port, password }) => JSON.stringify([pid, port, password]))).size).toBe(
    1,
  )
  expect(results.filter(({ startedNow }) => startedNow)).toHaveLength(1)
}

test.each([2, 5])('%i commands that all find nothing set up and start one server', async (count) => {
  const project = await serverProject()
  const results = await startAtOnce(project, count)
  expectOne(results)
  const server = await project.start()
  expect(results[0]).toMatchObject({ pid: server.pid, port: server.port, password: server.password })
  expect(await serverSql(server, 'SELECT 1 AS one')).toEqual([{ one: '1' }])
  expect(readdirSync(join(project.projectRoot, '.cruddur')).toSorted()).toEqual(['.gitignore', 'postgres'])
})

test.each([2, 5])('%i commands that all find a stopped server start it once', async (count) => {
  const project = await serverProject()
  const { port } = await project.start()
  await stopServer(project)
  const results = await startAtOnce(project, count)
  expectOne(results)
  expect(results[0]).toMatchObject({ port })
})

test('commands that find a killed server start it once', async () => {
  const project = await serverProject()
  await runVerb('start', project)
  const { pid } = await project.start()
  process.kill(pid, 'SIGKILL')
  expectOne(await startAtOnce(project, 3))
})

test('starts and stops in any order end in a server that is up or down, never in two', async () => {
  const project = await serverProject()
  const { dataDirectory } = await project.start()
  const verbs = ['stop', 'start', 'start', 'stop', 'start'] as const
  const outcomes = await Promise.all(verbs.map((verb) => runVerb(verb, project)))
  expect(outcomes.flatMap(({ error }) => (error ? [error] : []))).toEqual([])
  const servers = (await processesIn(dataDirectory)).filter(({ argv }) => argv?.includes('-D'))
  expect(servers.length).toBeLessThanOrEqual(1)
  expect(await serverSql(await project.start(), 'SELECT 1 AS one')).toEqual([{ one: '1' }])
})
