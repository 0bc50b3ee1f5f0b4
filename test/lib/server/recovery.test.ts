// What becomes of a server that was killed, or whose postmaster.pid is not its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { send } from '../../../src/lib/postgres/query.ts'
import { processesIn } from '../../../src/lib/server/process-table.ts'
import { chooseRunAs, isRoot } from '../../../src/lib/server/run-as.ts'
import { embeddedTarget, type ServerInfo } from '../../../src/lib/server/server-info.ts'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import {
  notesOf,
  runVerb,
  type ServerProject,
  serverProject,
  serverSql,
} from '../../support/server-project.ts'

/** Starts the server from a process of its own, so that it is nobody's child here, and connects to it. */
async function startElsewhere(project: ServerProject): Promise<ServerInfo> {
  await runVerb('start', project)
  return project.start()
}

function pidFileOf({ dataDirectory }: ServerInfo): string {
  return join(dataDirectory, 'postmaster.pid')
}

/** A process that has nothing to do with PostgreSQL, under the account that runs the server. */
async function bystander(project: ServerProject): Promise<ChildProcess> {
  const user = await chooseRunAs([project.projectRoot])
  const child = spawn('sleep', ['600'], {
    stdio: 'ignore',
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  })
  onTestFinished(() => void child.kill())
  return child
}

test('after kill -9 the next start recovers, and what was committed is there', async () => {
  const project = await serverProject()
  const server = await startElsewhere(project)
  await serverSql(server, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS n')
  process.kill(server.pid, 'SIGKILL')
  const next = await project.start()
  expect(next).toMatchObject({ startedNow: true, port: server.port })
  expect(next.pid).not.toBe(server.pid)
  expect(await serverSql(next, 'SELECT count(*) FROM t')).toEqual([{ count: '1000' }])
})

test('after kill -9 status tells that it is stopped, and stop that there is nothing to do', async () => {
  const project = await serverProject()
  const server = await startElsewhere(project)
  process.kill(server.pid, 'SIGKILL')
  await expect.poll(() => serverStatus(project), { timeout: 30_000 }).toMatchObject({ state: 'stopped' })
  expect(await stopServer(project)).toMatchObject({ wasRunning: false })
})

test.runIf(process.platform === 'linux')(
  'a session that outlives its killed server is ended, and said so',
  async () => {
    const project = await serverProject()
    const server = await startElsewhere(project)
    const busy = await connect(embeddedTarget(server))
    const lost = send(busy, 'DO $$ BEGIN LOOP NULL; END LOOP; END $$').catch((error: unknown) => error)
    const running = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'"
    await expect.poll(() => serverSql(server, running), { timeout: 30_000 }).toHaveLength(1)
    process.kill(server.pid, 'SIGKILL')
    const next = await project.start()
    expect(next.startedNow).toBe(true)
    expect(notesOf(project.events)).toEqual(['Ending 1 session(s) of a server that was killed.'])
    expect((await processesIn(next.dataDirectory)).map(({ pid }) => pid)).not.toContain(busy.processId)
    expect(await lost).toMatchObject({ code: 'CONNECTION_LOST' })
  },
)

test('a postmaster.pid whose number another program has now does not hinder, and that program lives on', async () => {
  const project = await serverProject()
  const server = await project.start()
  const text = readFileSync(pidFileOf(server), 'utf8')
  await stopServer(project)
  const other = await bystander(project)
  writeFileSync(pidFileOf(server), text.replace(/^\d+/, String(other.pid)))
  expect(await serverStatus(project)).toMatchObject({ state: 'stopped' })
  expect(await stopServer(project)).toMatchObject({ wasRunning: false })
  expect(await project.start()).toMatchObject({ startedNow: true })
  expect(other.exitCode ?? other.signalCode).toBe(null)
})

test('an empty postmaster.pid, left by a full disk, does not hinder', async () => {
  const project = await serverProject()
  const server = await project.start()
  await stopServer(project)
  writeFileSync(pidFileOf(server), '')
  expect(await project.start()).toMatchObject({ startedNow: true })
  expect(readdirSync(server.dataDirectory).filter((name) => name.includes('stale'))).toEqual([])
})

/** Process 1 of the namespace: starts the server by a command, kills it, and starts it again. It never reaps. */
const FIRST_PROCESS = `
  import { execFileSync } from 'node:child_process'
  const [, script, options] = process.argv.slice(1)
  const start = () => JSON.parse(execFileSync(process.execPath, [script, 'start', options], { encoding: 'utf8' }))
  const first = start()
  process.kill(first.result.pid, 'SIGKILL')
  const second = start()
  const stopped = JSON.parse(execFileSync(process.execPath, [script, 'stop', options], { encoding: 'utf8' }))
  console.log(JSON.stringify({ first: first.result, second: second.result, error: second.error, stopped: stopped.result }))
`

test.runIf(process.platform === 'linux' && isRoot())(
  'in a container where nobody takes note of ended processes, the next start recovers',
  async (context) => {
    const project = await serverProject()
    const script = join(import.meta.dirname, '..', '..', 'support', 'run-verb.ts')
    const args = [
      '--pid',
      '--fork',
      '--mount-proc',
      process.execPath,
      '--input-type=module',
      '-e',
      FIRST_PROCESS,
    ]
    const options = JSON.stringify({ projectRoot: project.projectRoot, systemFolder: project.systemFolder })
    const child = spawn('unshare', [...args, '--', 'first', script, options])
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const code = await new Promise((resolve) => {
      child.once('error', resolve).once('close', resolve)
    })
    if (/unshare/.test(stderr)) context.skip(`needs a process namespace of its own: ${stderr}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { first, second, stopped, error } = JSON.parse(stdout)
    expect(error).toBeUndefined()
    expect(first.startedNow && second.startedNow).toBe(true)
    expect(second.pid).not.toBe(first.pid)
    expect(stopped).toMatchObject({ wasRunning: true, pid: second.pid })
  },
)
