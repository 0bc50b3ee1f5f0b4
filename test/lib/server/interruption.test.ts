import { type ChildProcess, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { processesIn } from '../../../src/lib/server/process-table.ts'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, type ServerProject, serverProject, serverSql } from '../../support/server-project.ts'

/** Names in `.cruddur`: a finished server is `postgres`. */
function homeOf({ projectRoot }: ServerProject): string[] {
  const home = join(projectRoot, '.cruddur')
  return existsSync(home) ? readdirSync(home).toSorted() : []
}

/** Nothing half made: a finished server or none, and no process without it. */
async function expectWhole(project: ServerProject): Promise<void> {
  expect([[], ['.gitignore'], ['.gitignore', 'postgres']]).toContainEqual(homeOf(project))
  const status = await serverStatus(project)
  if (status.state === 'running') expect(status.ready).toBe(true)
  if (status.state === 'stopped') expect(await processesIn(status.dataDirectory)).toEqual([])
}

test('a start whose signal is aborted already does nothing', async () => {
  const project = await serverProject()
  await expect(project.start({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(homeOf(project)).toEqual([])
})

test('interrupted while it sets up, a start leaves nothing', async () => {
  const project = await serverProject()
  const abort = new AbortController()
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'start' && event.step === 'initdb') setTimeout(() => abort.abort(), 100)
  }
  await expect(project.start({ signal: abort.signal, onProgress })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(homeOf(project)).toEqual(['.gitignore'])
  expect(await serverStatus(project)).toEqual({ state: 'absent' })
})

test('interrupted while it starts, a server is stopped again', async () => {
  const project = await serverProject()
  await project.start()
  await stopServer(project)
  const abort = new AbortController()
  const onProgress = (event: ProgressEvent) => {
    if (event.type === 'start' && event.step === 'start') queueMicrotask(() => abort.abort())
  }
  await expect(project.start({ signal: abort.signal, onProgress })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  await expectWhole(project)
  expect(await serverStatus(project)).toMatchObject({ state: 'stopped' })
})

test('interrupted when PostgreSQL is under way, the server is stopped again, or complete', async () => {
  const project = await serverProject()
  const { dataDirectory } = await project.start()
  await stopServer(project)
  const abort = new AbortController()
  const starting = project.start({ signal: abort.signal }).catch((error: unknown) => error)
  await expect.poll(() => existsSync(join(dataDirectory, 'postmaster.pid')), { interval: 1 }).toBe(true)
  abort.abort()
  expect(await starting).toMatchObject({ code: 'INTERRUPTED' })
  await expectWhole(project)
})

describe.each([5, 150, 400, 700, 1000])('a start interrupted after %i ms', (delay) => {
  test('has done all or nothing, and the next one succeeds', async () => {
    const project = await serverProject()
    const first = project.start({ signal: AbortSignal.timeout(delay) }).catch((error: unknown) => error)
    const outcome = await first
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'INTERRUPTED' })
    await expectWhole(project)
    expect(await serverSql(await project.start(), 'SELECT 1 AS one')).toEqual([{ one: '1' }])
  })
})

test('Ctrl-C at the terminal, which goes to every process of the command, leaves nothing half made', async () => {
  const project = await serverProject()
  let command: ChildProcess | undefined
  const running = runVerb('start', project, { onStart: (child) => (command = child) })
  await expect
    .poll(() => homeOf(project).some((name) => name.endsWith('.tmp')), { timeout: 30_000 })
    .toBe(true)
  process.kill(-(command?.pid ?? 0), 'SIGINT')
  expect((await running).error).toMatchObject({ code: 'INTERRUPTED' })
  await expectWhole(project)
})

test('Ctrl-C while PostgreSQL recovers ends the command when the server is down again, or up', async () => {
  const project = await serverProject()
  await runVerb('start', project)
  const { pid, dataDirectory } = await project.start()
  process.kill(pid, 'SIGKILL')
  const lock = join(dataDirectory, 'postmaster.pid')
  const old = readFileSync(lock, 'utf8')
  let command: ChildProcess | undefined
  const running = runVerb('start', project, { onStart: (child) => (command = child) })
  const isNew = () => existsSync(lock) && ![old, ''].includes(readFileSync(lock, 'utf8'))
  await expect.poll(isNew, { timeout: 30_000, interval: 1 }).toBe(true)
  command?.kill('SIGINT')
  const { error, result } = await running
  expect(error?.code ?? result?.['startedNow']).toBeOneOf(['INTERRUPTED', true])
  await expectWhole(project)
})

/** Whether a program is at work whose command line names the folder. */
function isWorking(folder: string): boolean {
  return spawnSync('pgrep', ['-f', folder]).status === 0
}

test('what a killed command left is removed by a later set-up, when it is old enough', async () => {
  const project = await serverProject()
  let command: ChildProcess | undefined
  const running = runVerb('start', project, { onStart: (child) => (command = child) }).catch(() => undefined)
  await expect
    .poll(() => homeOf(project).some((name) => name.endsWith('.tmp')), { timeout: 30_000 })
    .toBe(true)
  command?.kill('SIGKILL')
  await running
  const left = join(
    project.projectRoot,
    '.cruddur',
    homeOf(project).find((name) => name.endsWith('.tmp')) ?? '',
  )
  // initdb was not killed; it goes on for a while, or falls over its broken pipe.
  await expect.poll(() => isWorking(left), { timeout: 30_000 }).toBe(false)
  await project.start()
  expect(existsSync(left)).toBe(true)
  await stopServer(project)
  rmSync(join(project.projectRoot, '.cruddur', 'postgres'), { recursive: true })
  const longAgo = new Date(Date.now() - 3_600_000)
  utimesSync(left, longAgo, longAgo)
  await project.start()
  expect(homeOf(project)).toEqual(['.gitignore', 'postgres'])
})
