import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findArchitecture } from '../../../../src/lib/layer/architectures.ts'
import type { Engine } from '../../../../src/lib/layer/docker/engine.ts'
import { imageCandidates } from '../../../../src/lib/layer/docker/image-name.ts'
import { obtainImage, type PullPolicy } from '../../../../src/lib/layer/docker/image.ts'
import type { ProgressEvent } from '../../../../src/lib/progress.ts'
import { containersOf, docker, testEngine } from '../../../support/layer/containers.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  missingDocker,
  requireDocker,
  runtimeImage,
} from '../../../support/layer/images.ts'
import { startRegistry, type TestRegistry } from '../../../support/layer/registry.ts'

let engine: Engine
let registry: TestRegistry
/** A name that stands for the image of x86_64 alone. */
const LOCAL = 'cruddur-test/one-platform:1'

beforeAll(async () => {
  if (missingDocker() !== undefined) return
  await lambdaImages('3.13')
  engine = await testEngine()
  registry = await startRegistry(['amd64', 'arm64'])
  docker('tag', runtimeImage('3.13', 'x86_64'), LOCAL)
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))
afterAll(async () => {
  if (missingDocker() !== undefined) return
  docker('rmi', '--force', LOCAL, registry.reference)
  await registry.stop()
})

const obtain = (reference: string, architecture: string, pull: PullPolicy = 'never') =>
  obtainImage(engine, { reference, architecture: findArchitecture(architecture), pull })

test('under which names images are looked for', () => {
  const python = 'public.ecr.aws/lambda/python:3.13'
  expect(imageCandidates(python, 'arm64')).toEqual([`${python}-arm64`, python])
  const build = 'public.ecr.aws/sam/build-python3.13'
  expect(imageCandidates(build, 'x86_64')).toEqual([`${build}:latest-x86_64`, `${build}:latest`])
  for (const exact of [`${python}-arm64`, `${python}@sha256:0123`, 'localhost:5000/mine:1', 'mine'])
    expect(imageCandidates(exact, 'x86_64')).toEqual([exact])
})

test('of each architecture the right image is taken, by an id of its own', async () => {
  const arm64 = await obtain('public.ecr.aws/lambda/python:3.13', 'arm64')
  const x86 = await obtain('public.ecr.aws/lambda/python:3.13', 'x86_64')
  expect(arm64).toMatchObject({ reference: runtimeImage('3.13', 'arm64'), platform: 'linux/arm64' })
  expect(docker('image', 'inspect', '--format', '{{.Architecture}}', arm64.id)).toBe('arm64')
  expect(docker('image', 'inspect', '--format', '{{.Architecture}}', x86.id)).toBe('amd64')
})

test('a name that is of the other architecture is noticed, and nothing is left behind', async () => {
  await expect(obtain(LOCAL, 'arm64')).rejects.toMatchObject({
    code: 'IMAGE_WRONG_ARCHITECTURE',
    message: `${LOCAL} is an image for linux/amd64, not for linux/arm64.`,
    details: { found: 'linux/amd64', platform: 'linux/arm64' },
  })
  expect(containersOf()).toEqual([])
})

test('an image that is not there', async () => {
  await expect(obtain('cruddur-test/none:1', 'arm64')).rejects.toMatchObject({
    code: 'IMAGE_MISSING',
    hint: 'Fetch it: docker pull --platform linux/arm64 cruddur-test/none:1.',
  })
  await expect(obtain('127.0.0.1:1/none:1', 'arm64', 'missing')).rejects.toMatchObject({
    code: 'IMAGE_UNREACHABLE',
    kind: 'unreachable',
  })
  await expect(obtain(registry.reference.replace(/1$/, '2'), 'arm64', 'missing')).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  })
})

test('it is fetched for the platform, also where the name is there for another one, and its digest is known', async () => {
  const events: ProgressEvent[] = []
  const options = {
    reference: registry.reference,
    onProgress: (event: ProgressEvent) => void events.push(event),
  }
  const architecture = findArchitecture('x86_64')
  const first = await obtainImage(engine, { ...options, architecture })
  expect(first.digest).toBe(registry.digest)
  expect(events.map(({ type }) => type)).toContain('end')
  events.length = 0
  expect(await obtainImage(engine, { ...options, architecture })).toEqual(first)
  expect(events).toEqual([])
  const second = await obtainImage(engine, { ...options, architecture: findArchitecture('arm64') })
  expect(docker('image', 'inspect', '--format', '{{.Architecture}}', second.id)).toBe('arm64')
  expect(second.id).not.toBe(first.id)
})

test('one that is made for the other architecture and in no registry says both', async () => {
  const reference = registry.reference.replace(/:1$/, ':local')
  docker('tag', LOCAL, reference)
  try {
    await expect(obtain(reference, 'arm64', 'missing')).rejects.toMatchObject({
      code: 'IMAGE_WRONG_ARCHITECTURE',
      context: expect.stringContaining('could not be fetched'),
    })
  } finally {
    docker('rmi', reference)
  }
})
