// The same folder seen from a machine and from containers on it: played by namespaces of their own.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, type TestContext } from 'vitest'
import { isRoot } from '../../../src/lib/server/run-as.ts'
import { stopServer } from '../../../src/lib/server/stop.ts'
import { runVerb, type ServerProject, serverProject } from '../../support/server-project.ts'

const asRoot = test.runIf(process.platform === 'linux' && isRoot())

/** Starts the server, then stays as the first process of its namespace: what a container with a server is. */
const CONTAINER = `
  import { execFileSync } from 'node:child_process'
  const [, script, options] = process.argv.slice(1)
  execFileSync('hostname', ['container-one'])
  console.log(execFileSync(process.execPath, [script, 'start', options], { encoding: 'utf8' }))
  setInterval(() => {}, 1000)
`

const NAMESPACES = ['--pid', '--fork', '--mount-proc', '--uts', '--kill-child']

/** Runs a container that serves the project; resolves when its server is up. */
async function container(context: TestContext, project: ServerProject): Promise<ChildProcess> {
  const script = join(import.meta.dirname, '..', '..', 'support', 'run-verb.ts')
  const options = JSON.stringify({ projectRoot: project.projectRoot, systemFolder: project.systemFolder })
  const code = [process.execPath, '--input-type=module', '-e', CONTAINER, '--', 'first', script, options]
  const child = spawn('unshare', [...NAMESPACES, ...code])
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += String(text)))
  child.stderr.on('data', (text: Buffer) => (output += String(text)))
  await expect.poll(() => output.includes('\n') || child.exitCode !== null, { timeout: 60_000 }).toBe(true)
  if (output.includes('unshare')) context.skip(`needs namespaces: ${output}`)
  expect(output).toContain('"startedNow":true')
  return child
}

async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => {
    child.once('exit', resolve)
  })
  child.kill('SIGKILL')
  await gone
}

/** The words that run a verb in another container, of the given name. */
function inContainer(name: string): string[] {
  return ['unshare', ...NAMESPACES, 'sh', '-c', `hostname ${name} && exec "$@"`, 'sh']
}

asRoot('while a container serves the data, the machine does not', async (context) => {
  const project = await serverProject()
  const child = await container(context, project)
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_ELSEWHERE',
    message: expect.stringContaining('in a container'),
  })
  await end(child)
  // The machine sees that the container's processes are gone: what it left behind is no obstacle.
  await expect
    .poll(() => project.start().catch((error: unknown) => error), { timeout: 30_000 })
    .toMatchObject({
      startedNow: true,
    })
})

asRoot('while a container serves the data, another one does not', async (context) => {
  const project = await serverProject()
  const child = await container(context, project)
  const other = () => runVerb('start', project, { wrapper: inContainer('container-two') })
  expect((await other()).error).toMatchObject({
    code: 'SERVER_ELSEWHERE',
    message: expect.stringContaining('on container-one (linux)'),
  })
  await end(child)
  // It cannot see that the first one is gone; the file that the message names can be removed then.
  expect((await other()).error).toMatchObject({ code: 'SERVER_ELSEWHERE' })
  expect(existsSync(join(project.projectRoot, '.cruddur/postgres/data/postmaster.pid'))).toBe(true)
})

asRoot('a container that was killed and started again serves the data again', async (context) => {
  const project = await serverProject()
  await end(await container(context, project))
  const again = await runVerb('start', project, { wrapper: inContainer('container-one') })
  expect(again.error).toBeUndefined()
  expect(again.result).toMatchObject({ startedNow: true })
})

test('data that another system served and did not finish with are left alone; once it has, they are served', async () => {
  const project = await serverProject()
  const { dataDirectory, port } = await project.start()
  await stopServer(project)
  const place = join(dataDirectory, '..', 'place')
  const here = JSON.parse(readFileSync(place, 'utf8'))
  writeFileSync(place, JSON.stringify({ ...here, platform: 'beos', hostname: 'laptop' }))
  const lock = join(dataDirectory, 'postmaster.pid')
  writeFileSync(lock, `999999\n${dataDirectory}\n1700000000\n${port}\n\n\n\nready\n`)
  await expect(project.start()).rejects.toMatchObject({
    code: 'SERVER_ELSEWHERE',
    message: expect.stringContaining('laptop (beos)'),
  })
  rmSync(lock)
  expect(await project.start()).toMatchObject({ startedNow: true })
})
