// Starts that cannot succeed: what is said, and what is left behind.
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { isRoot } from '../../../src/lib/server/run-as.ts'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { packageOf } from '../../support/embedded-postgres.ts'
import {
  notesOf,
  runVerb,
  type ServerProject,
  serverProject,
  serverSql,
} from '../../support/server-project.ts'

/** Mounts a file system in memory on the project; the test is skipped where that is not possible. */
function mountSmall(context: TestContext, { projectRoot: folder }: ServerProject, size: string): void {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    context.skip(`needs root and the right to mount a small tmpfs: ${String(error)}`)
  }
  onTestFinished(async () => {
    await stopServer({ projectRoot: folder }).catch(() => undefined)
    execFileSync('umount', [folder])
  })
}

/** Writes a file until the disk is full. */
function fill(path: string): void {
  for (const size of [1_000_000, 4096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size))
    } catch {
      // No more room for a piece of this size.
    }
  }
}

test('a disk too small for the first start is named, nothing is left, and with room it works', async (context) => {
  const project = await serverProject()
  mountSmall(context, project, '20m')
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_DISK_FULL',
    message: expect.stringContaining(join(project.projectRoot, '.cruddur')),
  })
  expect(readdirSync(join(project.projectRoot, '.cruddur'))).toEqual(['.gitignore'])
  execFileSync('mount', ['-o', 'remount,size=200m', project.projectRoot])
  expect(await serverSql(await project.start(), 'SELECT 1 AS one')).toEqual([{ one: '1' }])
})

test('a disk that is full, or almost, at a later start is named, and with room it works', async (context) => {
  const project = await serverProject()
  mountSmall(context, project, '120m')
  const { dataDirectory, logFile } = await project.start()
  await stopServer(project)
  const ballast = join(project.projectRoot, 'ballast')
  fill(ballast)
  for (let pages = 0; pages < 8; pages++) {
    // The rest of the log's last page too: PostgreSQL cannot even say what is wrong.
    fill(logFile)
    const outcome = await project.start().catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'SERVER_DISK_FULL' })
    await stopServer(project)
    truncateSync(ballast, statSync(ballast).size - 4096)
  }
  rmSync(ballast)
  expect(await project.start()).toMatchObject({ dataDirectory, startedNow: true })
})

test('data of another major version are named, with both versions, and stay', async () => {
  const project = await serverProject()
  await project.start({ packageFolder: await packageOf(18) })
  await stopServer(project)
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_VERSION_MISMATCH',
    message: expect.stringMatching(/PostgreSQL 18's; this cruddur brings PostgreSQL 17\./),
    hint: expect.stringContaining('postgres-18'),
  })
  expect(await project.start({ packageFolder: await packageOf(18) })).toMatchObject({
    version: expect.stringMatching(/^18\./),
  })
})

test('a server of another major version that runs is used as it is', async () => {
  const project = await serverProject()
  const first = await project.start({ packageFolder: await packageOf(18) })
  expect(await project.start()).toEqual({ ...first, startedNow: false })
})

test('with damaged data, the error shows what PostgreSQL says and where', async () => {
  const project = await serverProject()
  const { dataDirectory, logFile } = await project.start()
  await stopServer(project)
  rmSync(join(dataDirectory, 'global', 'pg_control'))
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: expect.stringMatching(/could not find the database system.*\n {2}/),
    hint: expect.stringContaining(logFile),
  })
})

test('with a wrong setting, the error names it', async () => {
  const project = await serverProject()
  const { dataDirectory } = await project.start()
  await stopServer(project)
  writeFileSync(join(dataDirectory, 'postgresql.auto.conf'), "shared_buffers = 'much'\n")
  await expect(project.start()).rejects.toThrow('invalid value for parameter "shared_buffers": "much"')
})

test('data that became open to others are closed again', async () => {
  const project = await serverProject()
  const { dataDirectory } = await project.start()
  await stopServer(project)
  chmodSync(dataDirectory, 0o755)
  await project.start()
  expect(statSync(dataDirectory).mode & 0o777).toBe(0o700)
  expect(notesOf(project.events)).toEqual([expect.stringContaining('is closed now (mode 0700)')])
})

test('when the password was changed, the error names the file to write the new one into', async () => {
  const project = await serverProject()
  const server = await project.start()
  await serverSql(server, "ALTER ROLE postgres PASSWORD 'other'")
  const passwordFile = join(dirname(server.dataDirectory), 'password')
  await expect(project.start()).rejects.toMatchObject({ code: 'SERVER_PASSWORD', details: { passwordFile } })
  writeFileSync(passwordFile, 'other\n')
  expect(await project.start()).toMatchObject({ password: 'other', pid: server.pid })
})

test('when the password file is gone, the error says so', async () => {
  const project = await serverProject()
  const { dataDirectory } = await project.start()
  rmSync(join(dirname(dataDirectory), 'password'))
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_PASSWORD',
    message: expect.stringContaining('is gone'),
  })
})

test('when somebody has deleted the data, a new server is set up', async () => {
  const project = await serverProject()
  const { dataDirectory, password } = await project.start()
  await stopServer(project)
  rmSync(dataDirectory, { recursive: true })
  const next = await project.start()
  expect(next.password).not.toBe(password)
  expect(readdirSync(join(project.projectRoot, '.cruddur')).toSorted()).toEqual(['.gitignore', 'postgres'])
})

test.runIf(isRoot())('on a read-only file system the error says so', async (context) => {
  const project = await serverProject()
  mountSmall(context, project, '1m')
  execFileSync('mount', ['-o', 'remount,ro', project.projectRoot])
  await expect(project.start()).rejects.toMatchObject({ code: 'SERVER_FOLDER_READ_ONLY' })
})

test('a server that does not come up in time is stopped again', async () => {
  const project = await serverProject()
  await project.start()
  await stopServer(project)
  await expect(project.start({ timeout: 0 })).rejects.toMatchObject({ code: 'SERVER_START_TIMEOUT' })
  expect(await serverStatus(project)).toMatchObject({ state: 'stopped' })
  expect(await project.start()).toMatchObject({ startedNow: true })
})

test.runIf(isRoot())('an account that the system does not know is told so', async () => {
  const project = await serverProject()
  const user = { name: 'stranger', uid: 54_321, gid: 54_321 }
  chownSync(project.projectRoot, user.uid, user.gid)
  expect((await runVerb('start', project, { user })).error).toMatchObject({
    code: 'SERVER_INIT_FAILED',
    message: expect.stringContaining('could not look up effective user ID 54321'),
  })
})
