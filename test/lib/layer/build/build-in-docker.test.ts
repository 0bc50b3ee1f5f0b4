import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { buildLayer } from '../../../../src/lib/layer/build/build-layer.ts'
import type { BuildOptions } from '../../../../src/lib/layer/build/build-options.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { buildDefaults } from '../../../support/layer/build.ts'
import { containersOf, DOCKER_ENVIRONMENT } from '../../../support/layer/containers.ts'
import { IMAGES_TIMEOUT, lambdaImages, missingDocker, requireDocker } from '../../../support/layer/images.ts'
import { writeSourcePackage } from '../../../support/layer/source-package.ts'
import { failureOf } from '../../../support/load.ts'
import { scriptFolder } from '../../../support/script-folder.ts'

// A layer of a package that has no wheel: built in the runtime's image, once, and not at all where there is no engine.

beforeAll(async () => {
  if (missingDocker() === undefined) await lambdaImages('3.13')
}, IMAGES_TIMEOUT)
beforeEach(({ skip }) => requireDocker(skip))

/** A project whose packages are sources in a folder. */
function project(): (more?: Partial<BuildOptions>) => ReturnType<typeof buildLayer> {
  const folder = scriptFolder()
  const packages = join(folder, 'packages')
  mkdirSync(packages)
  writeSourcePackage(packages, {
    name: 'plainsource',
    compiled: false,
    tag: 'py3-none-any',
    files: { 'plainsource.py': Buffer.from('answer = 42\n') },
  })
  return (more = {}) =>
    buildLayer({
      ...buildDefaults(folder),
      requirements: ['plainsource'],
      python: '3.13',
      arch: 'x86_64',
      index: { findLinks: [packages], noIndex: true },
      resolver: 'cruddur',
      environment: DOCKER_ENVIRONMENT,
      ...more,
    })
}

test('auto builds what has only a source, says why, and keeps it; the second time no engine is asked', async () => {
  const build = project()
  const notes: string[] = []
  const built = await build({ onProgress: (event) => void (event.type === 'note' && notes.push(event.text)) })
  expect(notes[0]).toMatch(/^No wheel of plainsource 1\.0 is for python3\.13 .*; it is built in Docker\.$/)
  expect(built).toMatchObject({ outcome: 'built', builder: 'docker', sources: [{ name: 'plainsource' }] })
  const archive = ZipArchive.open(built.zip)
  const entry = archive.find('python/plainsource.py')
  expect(entry && archive.content(entry).toString()).toBe('answer = 42\n')
  archive.close()
  expect(containersOf()).toEqual([])
  const nowhere = { ...DOCKER_ENVIRONMENT, DOCKER_HOST: 'tcp://127.0.0.1:1' }
  expect(await build({ environment: nowhere })).toMatchObject({
    outcome: 'unchanged',
    codeSha256: built.codeSha256,
  })
}, 120_000)

test('without an engine: auto names the package, docker the engine, and there is no zip', async () => {
  const environment = { ...DOCKER_ENVIRONMENT, DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_CONTEXT: undefined }
  const build = project()
  const automatic = await failureOf(build({ environment }))
  expect(automatic).toMatchObject({ code: 'NO_WHEEL' })
  expect(automatic.message).toContain('plainsource')
  expect(await failureOf(build({ environment, builder: 'docker' }))).toMatchObject({
    code: 'DOCKER_NOT_RUNNING',
    kind: 'unreachable',
  })
  expect(await failureOf(build({ builder: 'wheels' }))).toMatchObject({ code: 'NO_WHEEL' })
})
