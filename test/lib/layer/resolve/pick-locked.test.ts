import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type OfferedFile, PackageIndex } from '../../../support/layer/package-index.ts'
import { chosen, failure, resolveInTest, target } from '../../../support/layer/resolve.ts'

let index: PackageIndex
let directory: string

beforeEach(async () => {
  index = await PackageIndex.start()
  directory = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
})
afterEach(async () => {
  await index.stop()
  rmSync(directory, { recursive: true })
})

const digest = ({ bytes }: OfferedFile) => createHash('sha256').update(bytes).digest('hex')

function resolve(file: string, text: string, architecture = 'arm64') {
  writeFileSync(join(directory, file), text)
  const wanted = target('3.13', architecture)
  return resolveInTest({ directory, files: [file], target: wanted, index: { indexUrl: index.url } })
}

/** A pylock.toml with one package. */
function pylock(...files: string[]): string {
  const wheels = files.map(
    (file) =>
      `{ name = "${file}", url = "https://files/${file}", hashes = { sha256 = "${'a'.repeat(64)}" } }`,
  )
  return `lock-version = "1.0"\n[[packages]]\nname = "native"\nversion = "1.0"\nwheels = [${wheels.join(',')}]\n`
}

/** A poetry.lock with one package. */
const poetryLock = (hash: string) =>
  `[[package]]\nname = "lib"\nversion = "1.0"\ngroups = ["main"]\nfiles = [{ file = "x", hash = "sha256:${hash}" }]\n[metadata]\nlock-version = "2.1"\n`

test('the wheel for the target is picked, and nobody is asked', async () => {
  const tags = ['x86_64', 'aarch64'].map((machine) => `native-1.0-cp313-cp313-manylinux_2_28_${machine}.whl`)
  const lock = pylock(...tags, 'native-1.0-cp312-cp312-manylinux_2_28_aarch64.whl')
  const arm = await resolve('pylock.toml', lock)
  expect(arm).toMatchObject({
    by: 'lock',
    packages: [{ wheel: { fileName: tags[1], sha256: 'a'.repeat(64) } }],
  })
  const intel = await resolve('pylock.toml', lock, 'x86_64')
  expect(intel.packages[0]?.wheel.fileName).toBe(tags[0])
  expect(index.requests).toEqual([])
})

test('no wheel for the target: an error, or a package to compile when its source is there', async () => {
  const other = 'native-1.0-cp313-cp313-manylinux_2_39_aarch64.whl'
  expect(await failure(resolve('pylock.toml', pylock(other)))).toMatchObject({
    code: 'NO_WHEEL',
    message:
      'No wheel of native 1.0 is for python3.13 on arm64 (glibc 2.34): there is cp313-manylinux_2_39_aarch64.',
  })
  const found = await resolve(
    'pylock.toml',
    `${pylock(other)}sdist = { url = "https://files/native-1.0.tar.gz" }`,
  )
  expect(found).toMatchObject({ packages: [], sourceOnly: [{ name: 'native', version: '1.0' }] })
})

test('poetry.lock has hashes only: the index says where the files are, and no others are taken', async () => {
  const right = index.addWheel({ name: 'lib', version: '1.0' })
  index.addWheel({ name: 'lib', version: '1.0', tag: 'cp313-none-any' })
  const found = await resolve('poetry.lock', poetryLock(digest(right)))
  expect(chosen(found)).toEqual(['lib 1.0'])
  expect(found.packages[0]?.wheel).toMatchObject({ url: index.fileUrl(right), sha256: digest(right) })
  expect(await failure(resolve('poetry.lock', poetryLock('0'.repeat(64))))).toMatchObject({
    code: 'VERSION_NOT_FOUND',
  })
})
