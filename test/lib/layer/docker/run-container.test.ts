import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { containerUser, handOver } from '../../../../src/lib/layer/docker/container-user.ts'
import type { Engine } from '../../../../src/lib/layer/docker/engine.ts'
import type { Image } from '../../../../src/lib/layer/docker/image.ts'
import { type ContainerOptions, runContainer } from '../../../../src/lib/layer/docker/run-container.ts'
import { withProject } from '../../../support/cli.ts'
import { watchDescendants } from '../../../support/descendants.ts'
import { containersOf, docker, testEngine, testImage, until } from '../../../support/layer/containers.ts'
import { IMAGES_TIMEOUT, lambdaImages, missingDocker, requireDocker } from '../../../support/layer/images.ts'

let engine: Engine
let image: Image

beforeAll(async () => {
  if (missingDocker() !== undefined) return
  await lambdaImages('3.13')
  engine = await testEngine()
  image = await testImage(engine, 'x86_64')
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))

const run = (command: string[], options: Partial<ContainerOptions> = {}) =>
  runContainer(engine, { image, purpose: 'test', command, ...options })
const shell = (script: string, options?: Partial<ContainerOptions>) => run(['/bin/sh', '-c', script], options)

test('output, exit code, arguments as they are', async () => {
  expect(await run(['/bin/sh', '-c', 'echo "$1"; echo err >&2; exit 7', 'sh', 'a "b" $c; d'])).toEqual({
    code: 7,
    stdout: 'a "b" $c; d\n',
    stderr: 'err\n',
    cut: false,
    stopped: false,
    outOfMemory: false,
  })
  expect(containersOf()).toEqual([])
})

test('it is nobody special, and may change nothing but its work folder and /tmp', () =>
  withProject({}, async ({ path }) => {
    const work = join(path, 'a, "b"')
    mkdirSync(work)
    chmodSync(path, 0o755)
    const user = containerUser(engine)
    await handOver(work, user)
    const { stdout } = await shell(
      'python3 -c "import os; print(os.getuid())"; (echo x > /var/x || echo read-only) 2>/dev/null; echo t > /tmp/t && cat /tmp/t; echo w > /work/w',
      { mounts: [{ source: work, target: '/work', readOnly: false }] },
    )
    expect(stdout).toBe(`${user.uid}\nread-only\nt\n`)
    expect(user.uid).not.toBe(0)
    expect(readFileSync(join(work, 'w'), 'utf8')).toBe('w\n')
    expect(statSync(join(work, 'w')).uid).toBe(user.uid)
    const refused = await shell('echo x > /work/x', { mounts: [{ source: work, target: '/work' }] })
    expect(refused.code).not.toBe(0)
  }))

const caller = (uid: number) => ({ getuid: () => uid, getgid: () => uid + 1 })

test('who runs in it', () => {
  expect(containerUser({ rootless: false }, caller(1000))).toEqual({ uid: 1000, gid: 1001 })
  expect(containerUser({ rootless: false }, caller(0))).toEqual({ uid: 65_534, gid: 65_534 })
  expect(containerUser({ rootless: false }, {})).toEqual({ uid: 65_534, gid: 65_534 })
  expect(containerUser({ rootless: true }, caller(1000))).toEqual({ uid: 0, gid: 0 })
})

test('variables get there whatever is in them, and are on no command line', async () => {
  const environment = {
    SECRET: 'first line\nsecond "line" $HOME',
    EMPTY: '',
    // docker itself goes by these, and must not.
    DOCKER_HOST: 'tcp://127.0.0.1:1',
    HTTPS_PROXY: 'http://me:hidden-in-url@proxy:1',
    PATH: '/var/lang/bin:/usr/bin:/bin',
    HOME: '/somewhere',
  }
  const seen = watchDescendants(process.pid)
  const { stdout } = await run(
    [
      'python3',
      '-c',
      `import json, os, time; time.sleep(0.5); print(json.dumps({n: os.environ[n] for n in ${JSON.stringify(Object.keys(environment))}}))`,
    ],
    { environment },
  )
  const commandLines = seen().join('\n')
  expect(JSON.parse(stdout)).toEqual(environment)
  expect(commandLines).toContain('--env=SECRET')
  expect(commandLines).not.toContain('second')
  expect(commandLines).not.toContain('hidden-in-url')
})

test('programs of the other architecture run in theirs', async () => {
  const arm64 = await testImage(engine, 'arm64')
  const { stdout } = await shell('python3 -c "import platform; print(platform.machine())"; echo $QEMU_CPU', {
    image: arm64,
  })
  expect(stdout).toBe('aarch64\nneoverse-n1\n')
})

test('of much output the beginning is kept, and of errors the end', async () => {
  const heard = { stdout: 0, stderr: 0 }
  const end = await run(
    [
      'python3',
      '-c',
      'import sys; sys.stdout.write("a" * 5000 + "b" * 5000); sys.stderr.write("c" * 5000 + "d" * 5000)',
    ],
    {
      outputLimit: 6000,
      onStdout: (bytes) => void (heard.stdout += bytes.length),
      onStderr: (bytes) => void (heard.stderr += bytes.length),
    },
  )
  expect(end).toMatchObject({ code: 0, cut: true, stdout: 'a'.repeat(5000) + 'b'.repeat(1000) })
  expect(end.stderr).toBe('c'.repeat(1000) + 'd'.repeat(5000))
  expect(heard).toEqual({ stdout: 10_000, stderr: 10_000 })
})

test('that the memory was used up is told', async () => {
  expect(await run(['python3', '-c', 'x = bytearray(300 << 20)'], { memory: 64 })).toMatchObject({
    code: 137,
    outOfMemory: true,
  })
  expect(await shell('kill -9 $$')).toMatchObject({ code: 137, outOfMemory: false })
})

test('without a network there is none', async () => {
  const script = 'import socket; socket.create_connection(("1.1.1.1", 80), 2)'
  const { stderr } = await run(['python3', '-c', script], { network: 'none' })
  expect(stderr).toContain('Network is unreachable')
})

test('a folder that the engine does not see is told, and so is what docker refuses', async () => {
  await expect(shell(':', { mounts: [{ source: '/no/such/folder', target: '/x' }] })).rejects.toMatchObject({
    code: 'DOCKER_FOLDER_NOT_SHARED',
    message: 'The Docker engine does not see the folder /no/such/folder of this machine.',
  })
  await expect(shell(':', { network: 'no-such-network' })).rejects.toMatchObject({
    code: 'CONTAINER_NOT_STARTED',
    context: expect.stringContaining('no-such-network'),
  })
  // Codes that docker has as well.
  expect(await shell('echo docker is fine >&2; exit 125')).toMatchObject({ code: 125 })
})

const source = (file: string) =>
  pathToFileURL(join(import.meta.dirname, '../../../../src/lib/layer/docker', file)).href

// It takes no notice of being asked to end, as a compiler's children may.
const STUBBORN = 'trap "" INT TERM HUP; echo up; while :; do sleep 1; done'

test('by its timeout it is ended and removed', async () => {
  const end = await shell(STUBBORN, { timeout: 1500 })
  expect(end).toMatchObject({ stopped: true, stdout: 'up\n' })
  expect(containersOf()).toEqual([])
})

test.each([0, 20, 100, 300, 700])('when interrupted after %i ms it is removed', async (ms) => {
  await expect(shell(STUBBORN, { signal: AbortSignal.timeout(ms) })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(containersOf()).toEqual([])
})

test.each(['SIGKILL', 'SIGTERM'] as const)('when our process dies of %s it is removed', async (signal) => {
  await withProject({}, async ({ path }) => {
    const script = join(path, 'run.mjs')
    writeFileSync(
      script,
      `import { findEngine } from '${source('engine.ts')}'
       import { runContainer } from '${source('run-container.ts')}'
       const engine = await findEngine({ environment: process.env })
       await runContainer(engine, ${JSON.stringify({ image, purpose: 'dies', command: ['/bin/sh', '-c', STUBBORN] })})`,
    )
    const child = spawn(process.execPath, [script], { stdio: 'inherit' })
    const pid = child.pid ?? 0
    await until(() => containersOf(pid).length === 1)
    const [name = ''] = containersOf(pid)
    await until(() => docker('logs', name).includes('up'))
    child.kill(signal)
    await until(() => containersOf(pid).length === 0)
  })
})
