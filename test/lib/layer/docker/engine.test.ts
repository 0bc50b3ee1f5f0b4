import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { findEngine } from '../../../../src/lib/layer/docker/engine.ts'
import { withProject } from '../../../support/cli.ts'
import { DOCKER_ENVIRONMENT } from '../../../support/layer/containers.ts'
import { requireDocker } from '../../../support/layer/images.ts'

const find = (environment: Record<string, string>, system?: NodeJS.Platform) =>
  findEngine({ environment: { ...DOCKER_ENVIRONMENT, ...environment }, system, timeout: 5000 })

test('without docker on the PATH it says how to get it, on each system', async () => {
  const hints = { linux: 'apt install docker.io', darwin: 'colima', win32: 'winget' } as const
  for (const [system, words] of Object.entries(hints))
    await expect(find({ PATH: '/nowhere' }, system as NodeJS.Platform)).rejects.toMatchObject({
      code: 'DOCKER_NOT_INSTALLED',
      kind: 'unreachable',
      hint: expect.stringContaining(words),
    })
})

test('where DOCKER_HOST leads nowhere it names it, without a password', async ({ skip }) => {
  requireDocker(skip)
  const error = await find({ DOCKER_HOST: 'tcp://me:s3cret@127.0.0.1:1' }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'DOCKER_NOT_RUNNING',
    kind: 'unreachable',
    message: 'No Docker engine answers at tcp://127.0.0.1:1.',
    hint: expect.stringContaining('DOCKER_HOST'),
  })
  await expect(find({ DOCKER_HOST: 'unix:///nowhere.sock' }, 'darwin')).rejects.toMatchObject({
    code: 'DOCKER_NOT_RUNNING',
    context: expect.stringContaining('/nowhere.sock'),
    hint: expect.stringContaining('colima start'),
  })
})

test('a context that is not there is named', async ({ skip }) => {
  requireDocker(skip)
  await expect(find({ DOCKER_CONTEXT: 'no-such-context' })).rejects.toMatchObject({
    code: 'DOCKER_NOT_RUNNING',
    message: 'No Docker engine answers in the context "no-such-context".',
  })
})

test('an engine that is silent is given up', () =>
  withProject({ docker: '#!/bin/sh\nexec sleep 600\n' }, async ({ path }) => {
    chmodSync(join(path, 'docker'), 0o755)
    const wait = { environment: { PATH: `${path}:${process.env['PATH']}` }, timeout: 200 }
    await expect(findEngine(wait)).rejects.toMatchObject({
      code: 'DOCKER_NOT_RUNNING',
      message: 'No Docker engine answers in time.',
    })
    const signal = AbortSignal.timeout(200)
    await expect(findEngine({ ...wait, timeout: 60_000, signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    })
  }))

test('a user who may not use the socket is told which group to join', async ({ skip }) => {
  requireDocker(skip)
  if (process.getuid?.() !== 0) skip('only root can become somebody else')
  await withProject({}, async ({ path }) => {
    chmodSync(path, 0o755)
    const program = join(path, 'docker-as-nobody')
    writeFileSync(
      program,
      '#!/bin/sh\nHOME=/ exec setpriv --reuid 65534 --regid 65534 --clear-groups docker "$@"\n',
    )
    chmodSync(program, 0o755)
    await expect(
      findEngine({ environment: DOCKER_ENVIRONMENT, program, system: 'linux' }),
    ).rejects.toMatchObject({
      code: 'DOCKER_NOT_PERMITTED',
      hint: expect.stringContaining('usermod -aG docker'),
    })
  })
})

let fake: (info: object, code?: number) => Promise<unknown>

beforeEach(() => {
  fake = (info, code = 0) =>
    withProject({ 'info.json': JSON.stringify(info) }, async ({ path }) => {
      const program = join(path, 'docker')
      writeFileSync(program, `#!/bin/sh\ncat "${path}/info.json"\nexit ${code}\n`)
      chmodSync(program, 0o755)
      return await findEngine({ environment: DOCKER_ENVIRONMENT, program })
    })
})

test('what engines say of themselves', async () => {
  expect(
    await fake({
      ServerVersion: '29.1',
      Architecture: 'aarch64',
      OSType: 'linux',
      SecurityOptions: ['name=rootless'],
    }),
  ).toMatchObject({ version: '29.1', architecture: 'arm64', rootless: true })
  expect(await fake({ ServerVersion: '29.1', Architecture: 'riscv64' })).toMatchObject({
    architecture: undefined,
  })
  await expect(fake({ ServerVersion: '29.1', OSType: 'windows' })).rejects.toMatchObject({
    code: 'DOCKER_NOT_LINUX',
  })
  await expect(fake({ ServerErrors: ['Cannot connect to the Docker daemon'] })).rejects.toMatchObject({
    code: 'DOCKER_NOT_RUNNING',
    context: 'Cannot connect to the Docker daemon',
  })
})

test('the engine of this machine', async ({ skip }) => {
  requireDocker(skip)
  const { version, architecture } = await find({})
  expect(version).toMatch(/^\d+\.\d+/)
  expect(architecture).toBe(process.arch === 'arm64' ? 'arm64' : 'x86_64')
})
