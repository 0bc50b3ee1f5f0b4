import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parsePidFile, type PidFile } from '../../../src/lib/server/pid-file.ts'
import { identify } from '../../../src/lib/server/postmaster.ts'
import { processFacts, processesIn } from '../../../src/lib/server/process-table.ts'
import { scratchFolder, serverProject } from '../../support/server-project.ts'

/** As PostgreSQL 17 writes it. */
const TEXT = '4711\n/data\n1795230000\n27574\n\n127.0.0.1\n  9700000        12\nready   \n'

test('postmaster.pid tells process, folder, time, port and state', () => {
  expect(parsePidFile(TEXT)).toEqual({
    pid: 4711,
    dataDirectory: '/data',
    startedAt: new Date('2026-11-21T03:00:00Z'),
    port: 27_574,
    ready: true,
  })
  expect(parsePidFile(TEXT.replace('ready   ', 'starting'))?.ready).toBe(false)
  expect(parsePidFile('4711\n/data\n1795230000\n27574\n\n')?.ready).toBe(false)
})

test('an empty or cut off postmaster.pid tells nothing', () => {
  for (const text of ['', '4711', '4711\n/data\n17952', 'x\n/data\n1\n2\n', '0\n/data\n1\n2\n'])
    expect(parsePidFile(text)).toBeUndefined()
})

function claim(pid: number): PidFile {
  return { pid, dataDirectory: '/data', startedAt: new Date(0), port: 1, ready: true }
}

function run(file: string, args: string[], cwd: string): ChildProcess {
  const child = spawn(file, args, { cwd, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const onLinux = test.runIf(process.platform === 'linux')

onLinux('the server of the folder is ours, and the same process is foreign to any other folder', async () => {
  const project = await serverProject()
  const { pid, dataDirectory } = await project.start()
  expect(await identify(claim(pid), dataDirectory)).toBe('ours')
  expect(await identify(claim(pid), project.scratch)).toBe('foreign')
})

onLinux('a program of another name in the data directory is foreign', async () => {
  const scratch = await scratchFolder()
  const child = run('sleep', ['600'], scratch)
  expect(await identify(claim(child.pid ?? 0), scratch)).toBe('foreign')
})

onLinux('a program named postgres elsewhere is foreign', async () => {
  const scratch = await scratchFolder()
  const program = join(scratch, 'postgres')
  copyFileSync('/bin/sleep', program)
  mkdirSync(join(scratch, 'data'))
  const child = run(program, ['600'], scratch)
  expect(await identify(claim(child.pid ?? 0), join(scratch, 'data'))).toBe('foreign')
  expect(await identify(claim(child.pid ?? 0), scratch)).toBe('ours')
})

onLinux('a session of the server is not the server', async () => {
  const project = await serverProject()
  const { pid, dataDirectory } = await project.start()
  const helpers = (await processesIn(dataDirectory)).filter((facts) => facts.pid !== pid)
  expect(helpers.length).toBeGreaterThan(0)
  for (const helper of helpers) expect(await identify(claim(helper.pid), dataDirectory)).toBe('foreign')
})

onLinux('a process that ended without anyone taking note is a zombie, and then gone', async () => {
  // A shell that never waits for its child, turned into a program that does not either.
  const parent = run('sh', ['-c', 'sleep 0.1 & exec sleep 600'], '/')
  const child = async () => {
    for (let pid = (parent.pid ?? 0) + 1; pid < (parent.pid ?? 0) + 100; pid++)
      if ((await processFacts(pid))?.parentPid === parent.pid) return pid
    return 0
  }
  await expect.poll(child, { timeout: 30_000 }).toBeGreaterThan(0)
  const pid = await child()
  await expect.poll(() => identify(claim(pid), '/'), { timeout: 30_000 }).toBe('zombie')
  parent.kill('SIGKILL')
  await expect.poll(() => identify(claim(pid), '/'), { timeout: 30_000 }).toBe('gone')
})
