import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { requireRunnable } from '../../../../src/lib/layer/docker/emulation.ts'
import type { Engine } from '../../../../src/lib/layer/docker/engine.ts'
import type { Image } from '../../../../src/lib/layer/docker/image.ts'
import { withProject } from '../../../support/cli.ts'
import { docker, testEngine, testImage } from '../../../support/layer/containers.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  missingDocker,
  requireDocker,
  runtimeImage,
} from '../../../support/layer/images.ts'

let engine: Engine
let other: 'arm64' | 'x86_64'
/** Its shell is for a processor that no kernel runs, emulated or not. */
const FOREIGN = 'cruddur-test/foreign:1'
/** Says what it was asked, and fails. */
const HELPER = 'cruddur-test/helper:1'

beforeAll(async () => {
  if (missingDocker() !== undefined) return
  await lambdaImages('3.13')
  engine = await testEngine()
  other = engine.architecture === 'arm64' ? 'x86_64' : 'arm64'
  await withProject({}, async ({ path }) => {
    mkdirSync(join(path, 'bin'))
    const elf = Buffer.alloc(64)
    elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    elf.writeUInt16LE(2, 16)
    elf.writeUInt16LE(0xbeef, 18)
    writeFileSync(join(path, 'bin/sh'), elf, { mode: 0o755 })
    docker('import', tarOf(path), FOREIGN)
  })
  const container = docker('create', runtimeImage('3.13', 'x86_64'), 'x')
  docker('commit', '--change', 'ENTRYPOINT ["/bin/sh", "-c", "echo $0 $* >&2; exit 3"]', container, HELPER)
  docker('rm', container)
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))
afterAll(() => {
  if (missingDocker() === undefined) docker('rmi', '--force', FOREIGN, HELPER)
})

function tarOf(folder: string): string {
  const archive = join(folder, 'image.tar')
  execFileSync('tar', ['-C', folder, '-cf', archive, 'bin'])
  return archive
}

/** The foreign image, as one of the architecture that would have to be emulated. */
const foreign = (): Image => ({
  reference: FOREIGN,
  id: docker('image', 'inspect', '--format', '{{.Id}}', FOREIGN),
  digest: undefined,
  platform: 'linux/amd64',
})

/** The engine, as if its own programs were of another architecture: the image's would have to be emulated. */
const emulating = (): Engine => ({ ...engine, architecture: 'arm64' })

test('images of both architectures run on this machine', async () => {
  await requireRunnable(engine, await testImage(engine, 'x86_64'))
  await requireRunnable(engine, await testImage(engine, 'arm64'))
  expect(other).toBeDefined()
})

test('where nothing emulates the processor, it says how to change that', async () => {
  await expect(requireRunnable(emulating(), foreign())).rejects.toMatchObject({
    code: 'EMULATION_MISSING',
    hint: expect.stringContaining('docker run --privileged --rm tonistiigi/binfmt --install amd64'),
  })
  await expect(requireRunnable({ ...emulating(), system: 'linux' }, foreign())).rejects.toMatchObject({
    hint: expect.stringContaining('apt install qemu-user-static binfmt-support'),
  })
})

test('it is set up only when asked for, by the helper image', () =>
  withProject({}, async ({ path }) => {
    // A machine of tests may not be allowed to run privileged containers.
    const program = join(path, 'docker')
    writeFileSync(
      program,
      `#!/bin/bash\necho "$*" >>"${path}/calls"\nexec docker "\${@/#--privileged/--rm=true}"\n`,
      { mode: 0o755 },
    )
    const through = { ...emulating(), program }
    await expect(requireRunnable(through, foreign())).rejects.toMatchObject({ code: 'EMULATION_MISSING' })
    const calls = () => readFileSync(join(path, 'calls'), 'utf8')
    expect(calls()).not.toContain('--privileged')
    await expect(
      requireRunnable(through, foreign(), { register: true, helper: HELPER }),
    ).rejects.toMatchObject({ code: 'EMULATION_NOT_REGISTERED', context: '--install amd64' })
    expect(calls()).toContain(`run --privileged --rm --pull missing ${HELPER} --install amd64`)
  }))

test('an image without a shell is no good', async () => {
  const image = { ...foreign(), id: docker('import', '--change', 'CMD x', '/dev/null') }
  try {
    await expect(requireRunnable(emulating(), image)).rejects.toMatchObject({ code: 'IMAGE_UNUSABLE' })
  } finally {
    docker('rmi', image.id)
  }
})
