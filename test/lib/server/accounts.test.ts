// Who runs the server, and from where, when rights are in the way: root, other accounts, closed and read-only folders.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findPackage } from '../../../src/lib/server/binaries.ts'
import { systemUsers, type SystemUser } from '../../../src/lib/server/passwd.ts'
import { chooseRunAs, isRoot } from '../../../src/lib/server/run-as.ts'
import type { ServerInfo } from '../../../src/lib/server/server-info.ts'
import { serverStatus } from '../../../src/lib/server/status.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, type ServerProject, serverProject, serverSql } from '../../support/server-project.ts'

/** Only root can play the other accounts. */
const asRoot = test.runIf(process.platform === 'linux' && isRoot())

async function accountNamed(name: string): Promise<SystemUser> {
  const found = (await systemUsers()).find((user) => user.name === name)
  if (!found) throw new Error(`this machine has no account ${name}`)
  return found
}

/** The account of a running process (proc(5)). */
function accountOf({ pid }: ServerInfo): number {
  return statSync(`/proc/${pid}`).uid
}

async function expectAnswer(server: ServerInfo): Promise<void> {
  expect(await serverSql(server, 'SELECT 1 AS one')).toEqual([{ one: '1' }])
}

/** A copy of the npm package for the test to spoil. */
function copyOfPackage(project: ServerProject, folder = 'modules'): string {
  const target = join(project.scratch, folder, 'linux-x64')
  cpSync(findPackage(), target, { recursive: true, verbatimSymlinks: true })
  return target
}

asRoot('root’s project is served by another account, and root may stop it', async () => {
  const project = await serverProject()
  const server = await project.start()
  expect(accountOf(server)).toBe((await chooseRunAs([project.projectRoot]))?.uid)
  expect(accountOf(server)).not.toBe(0)
  expect(await stopServer(project)).toMatchObject({ wasRunning: true })
})

asRoot('a project of an ordinary user is served by him, and he can go on without root', async () => {
  const project = await serverProject()
  const user = await accountNamed('nobody')
  chownSync(project.projectRoot, user.uid, user.gid)
  const server = await project.start()
  expect(accountOf(server)).toBe(user.uid)
  expect((await runVerb('start', project, { user })).result).toMatchObject({
    pid: server.pid,
    startedNow: false,
  })
  expect((await runVerb('stop', project, { user })).result).toMatchObject({ wasRunning: true })
  expect((await runVerb('start', project, { user })).result).toMatchObject({ startedNow: true })
  for (const name of readdirSync(project.projectRoot, { recursive: true, encoding: 'utf8' }))
    expect(statSync(join(project.projectRoot, name)).uid).toBe(user.uid)
})

asRoot('an ordinary user starts his own', async () => {
  const project = await serverProject()
  const user = await accountNamed('nobody')
  chownSync(project.projectRoot, user.uid, user.gid)
  const { result } = await runVerb('start', project, { user, umask: 0o077 })
  expect(result).toMatchObject({ startedNow: true })
  expect(accountOf(await project.start())).toBe(user.uid)
})

asRoot('a user who may not use a server is told so', async () => {
  const project = await serverProject()
  await project.start()
  const { error } = await runVerb('start', project, { user: await accountNamed('nobody') })
  expect(error).toMatchObject({ code: 'SERVER_NOT_YOURS' })
})

asRoot('root under umask 077 can serve a project that is open to others', async () => {
  const project = await serverProject()
  expect((await runVerb('start', project, { umask: 0o077 })).error).toBeUndefined()
  const server = await project.start()
  expect(server.dataDirectory).toBe(join(project.projectRoot, '.cruddur', 'postgres', 'data'))
  await expectAnswer(server)
})

asRoot.each(['0700', '0750'])(
  'the data of root’s project with mode %s are kept in the system’s folder',
  async (mode) => {
    const project = await serverProject()
    chmodSync(project.projectRoot, Number.parseInt(mode, 8))
    const { result } = await runVerb('start', project, { umask: 0o077 })
    expect(result).toMatchObject({ startedNow: true })
    const server = await project.start()
    expect(server).toMatchObject({ pid: result?.['pid'], startedNow: false })
    expect(dirname(dirname(server.dataDirectory))).toBe(project.systemFolder)
    const home = join(project.projectRoot, '.cruddur')
    expect(readdirSync(home).toSorted()).toEqual(['.gitignore', 'postgres.location'])
    await stopServer(project)
    expect(await project.start()).toMatchObject({ dataDirectory: server.dataDirectory, startedNow: true })
  },
)

asRoot('when .cruddur was deleted, the data in the system’s folder are found again', async () => {
  const project = await serverProject()
  chmodSync(project.projectRoot, 0o700)
  const server = await project.start()
  rmSync(join(project.projectRoot, '.cruddur'), { recursive: true })
  expect(await serverStatus(project)).toEqual({ state: 'absent' })
  expect(await project.start()).toMatchObject({ pid: server.pid, startedNow: false })
  expect(await stopServer(project)).toMatchObject({ wasRunning: true })
})

asRoot('five commands at once in a closed project of root’s start one server', async () => {
  const project = await serverProject()
  chmodSync(project.projectRoot, 0o700)
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => runVerb('start', project, { umask: 0o077 })),
  )
  expect(outcomes.flatMap(({ error }) => (error ? [error] : []))).toEqual([])
  expect(new Set(outcomes.map(({ result }) => result?.['pid'])).size).toBe(1)
  expect(readdirSync(project.systemFolder).filter((name) => !name.startsWith('postgresql-'))).toHaveLength(1)
})

asRoot('programs in a closed folder are copied to where the account can reach them, once', async () => {
  const project = await serverProject()
  const packageFolder = copyOfPackage(project)
  chmodSync(dirname(packageFolder), 0o700)
  await expectAnswer(await project.start({ packageFolder }))
  const copies = () => readdirSync(project.systemFolder)
  expect(copies()).toEqual([expect.stringMatching(/^postgresql-17\..*-linux-x64$/)])
  const { mtimeMs } = statSync(join(project.systemFolder, copies()[0] ?? ''))
  await stopServer(project)
  await project.start({ packageFolder })
  expect(statSync(join(project.systemFolder, copies()[0] ?? '')).mtimeMs).toBe(mtimeMs)
})

asRoot('programs that were installed under umask 077 are copied, readable for all', async () => {
  const project = await serverProject()
  const packageFolder = copyOfPackage(project)
  execFileSync('chmod', ['-R', 'go-rwx', packageFolder])
  const { error } = await runVerb('start', project, { packageFolder, umask: 0o077 })
  expect(error).toBeUndefined()
  await expectAnswer(await project.start())
})

test.runIf(process.platform === 'linux')('without install scripts the missing links are made', async () => {
  const project = await serverProject()
  const packageFolder = copyOfPackage(project)
  execFileSync('find', [packageFolder, '-type', 'l', '-delete'])
  await expectAnswer(await project.start({ packageFolder }))
  expect(existsSync(join(packageFolder, 'native', 'lib', 'libicuuc.so.60'))).toBe(true)
})

asRoot('without install scripts and with a read-only node_modules, a copy is made', async (context) => {
  const project = await serverProject()
  const packageFolder = copyOfPackage(project)
  execFileSync('find', [packageFolder, '-type', 'l', '-delete'])
  try {
    execFileSync('mount', ['--bind', packageFolder, packageFolder], { stdio: 'pipe' })
    onTestFinished(() => void execFileSync('umount', ['-l', packageFolder]))
    execFileSync('mount', ['-o', 'remount,bind,ro', packageFolder], { stdio: 'pipe' })
  } catch (error) {
    context.skip(`needs the right to mount read-only: ${String(error)}`)
  }
  await expectAnswer(await project.start({ packageFolder }))
  expect(readdirSync(project.systemFolder)).toEqual([expect.stringMatching(/^postgresql-17\./)])
})

asRoot(
  'root in a container, who may not look into other accounts’ processes, manages the server',
  async (context) => {
    const project = await serverProject()
    const wrapper = ['setpriv', '--bounding-set', '-sys_ptrace', '--']
    const first = await runVerb('start', project, { wrapper }).catch((error: unknown) => error)
    if (first instanceof Error) context.skip(`needs setpriv (util-linux): ${first.message}`)
    expect(first).toMatchObject({ result: { startedNow: true } })
    const { result } = await runVerb('start', project, { wrapper })
    expect(result).toMatchObject({ startedNow: false })
    expect((await runVerb('status', project, { wrapper })).result).toMatchObject({ state: 'running' })
    process.kill(Number(result?.['pid']), 'SIGKILL')
    expect((await runVerb('start', project, { wrapper })).result).toMatchObject({ startedNow: true })
    expect((await runVerb('stop', project, { wrapper })).result).toMatchObject({ wasRunning: true })
  },
)

asRoot('a folder in which others can write is not trusted with the copy', async () => {
  const project = await serverProject()
  const packageFolder = copyOfPackage(project)
  chmodSync(dirname(packageFolder), 0o700)
  const temporary = join(project.scratch, 'tmp')
  for (const folder of [project.systemFolder, temporary]) mkdirSync(folder)
  chmodSync(project.systemFolder, 0o777)
  const { error } = await runVerb('start', project, {
    packageFolder,
    wrapper: ['env', `TMPDIR=${temporary}`],
  })
  expect(error).toBeUndefined()
  expect(readdirSync(project.systemFolder)).toEqual([])
  expect(readdirSync(temporary)).toEqual(['cruddur-0'])
})
