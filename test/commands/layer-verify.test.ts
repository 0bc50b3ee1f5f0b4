import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VerifyLayerResult } from '../../src/lib/layer/verify/verify-layer.ts'
import { cruddur, makeProject } from '../support/cli.ts'
import { IMAGES_TIMEOUT, lambdaImages, requireDocker } from '../support/layer/images.ts'
import { makeElf } from '../support/layer/make-elf.ts'
import { layerFolder, type LayerFolderForTests } from '../support/layer/make-layer.ts'

// `cruddur layer verify` as it is typed.

const EXTENSION = 'python/psycopg2/_psycopg.cpython-313-x86_64-linux-gnu.so'
const SOUND = {
  'python/psycopg2/__init__.py': '',
  [EXTENSION]: makeElf({ needed: ['libc.so.6'] }),
  'python/psycopg2_binary-2.9.13.dist-info/METADATA': 'Name: psycopg2-binary\nVersion: 2.9.13\n',
  'python/psycopg2_binary-2.9.13.dist-info/RECORD': `${EXTENSION.slice('python/'.length)},,\n`,
}

let place: LayerFolderForTests

beforeAll(() => {
  place = layerFolder()
})
afterAll(() => place.remove())

const verify = (words: readonly string[], directory = place.path, env: Record<string, string> = {}) =>
  cruddur(['layer', 'verify', ...words], { directory, env })

test('a sound layer ends with 0', async () => {
  const { code, stdout, stderr } = await verify([place.zip(SOUND)])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('judged for python3.13 on x86_64, as its files are made')
  expect(stdout).toMatch(/The layer is sound\.\n$/)
})

test('one that would fail ends with 1: file, reason, what production says, what to do', async () => {
  const { code, stdout } = await verify([place.zip(SOUND), '--arch', 'arm64'])
  expect(code).toBe(1)
  expect(stdout.split('\n').slice(2)).toEqual([
    '',
    'error elf-machine: built for another processor',
    `  ${EXTENSION}`,
    '    it is built for x86_64 (psycopg2-binary 2.9.13); the layer is for arm64.',
    "    production says: Runtime.ImportModuleError: Unable to import module 'app': No module named 'psycopg2._psycopg'",
    '  → Wheels for the wrong platform were installed; build it for the target: cruddur layer build psycopg2-binary==2.9.13 --python 3.13 --arch arm64.',
    '',
    'The layer would fail: 1 error.',
    '',
  ])
})

test('of many files of one kind some are shown; names cannot reach the terminal', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`python/a${index}\u001b[31m.py`, '']),
  )
  const modes = Object.fromEntries(Object.keys(files).map((name) => [name, 0o100_600]))
  const { code, stdout } = await verify([place.zip(files, modes)])
  expect(code).toBe(1)
  expect(stdout).toContain('… and 4 more files (--json has all)')
  expect(stdout).toContain(String.raw`python/a0\x1b[31m.py`)
  expect(stdout).not.toContain('\u001b')
})

test('with --json it is one object with the ids; sizes of files only when they are wanted', async () => {
  const zip = place.zip(SOUND)
  const { code, stdout, stderr } = await verify([zip, '--python', '3.12', '--json'])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  const result = JSON.parse(stdout) as VerifyLayerResult
  expect(result).toMatchObject({ ok: false, path: zip, runtimes: ['python3.12'], counts: { error: 1 } })
  expect(result.findings).toMatchObject([{ id: 'abi-tag', severity: 'error', file: EXTENSION }])
  expect(result.files).toBeUndefined()
  const withFiles = JSON.parse((await verify([zip, '--files', '--json'])).stdout) as VerifyLayerResult
  expect(withFiles.files.map(({ path }) => path)).toContain(EXTENSION)
})

test('--files shows what takes how much room', async () => {
  const { stdout } = await verify([place.zip(SOUND), '--files'])
  expect(stdout).toMatch(
    /^ +UNZIPPED +ZIPPED  BY PACKAGE\n.*psycopg2-binary 2\.9\.13 \(4 files\)\n\n +UNZIPPED +ZIPPED  BY FILE\n/,
  )
  expect(stdout).toContain(`B  ${EXTENSION}`)
})

test('without a path it is the layer built last in the project, judged for what it was built for', async () => {
  const project = makeProject({
    'package.json': '{}',
    '.cruddur/layers/a.layer.json': '{"python":"3.12","arch":"arm64"}',
  })
  try {
    const none = await verify([], project.path)
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('cruddur layer build')
    const bytes = place.zip(SOUND)
    const { readFileSync } = await import('node:fs')
    writeFileSync(join(project.path, '.cruddur/layers/a.zip'), readFileSync(bytes))
    const { code, stdout } = await verify([], project.path)
    expect(code).toBe(1)
    expect(stdout).toContain('judged for python3.12 on arm64, as the .layer.json beside it says')
  } finally {
    project.remove()
  }
})

test.each([
  [['/nowhere/layer.zip'], 'does not exist'],
  [['layer.zip', '--python', '2.7'], 'no runtime for Python "2.7"'],
  [['layer.zip', '--arch', 'mips'], 'no architecture "mips"'],
])('%j is bad usage', async (words, message) => {
  const { code, stdout, stderr } = await verify(words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
})

describe('--import', () => {
  const MODULES = { 'python/a.py': 'import b\n', 'python/b/__init__.py': 'raise OSError("\\x1b[31mno")\n' }
  const words = ['--import', '--python', '3.13', '--arch', 'x86_64']

  test(
    "runs the imports in the runtime's image, and says what that proves",
    async ({ skip }) => {
      requireDocker(skip)
      await lambdaImages('3.13')
      const path = place.zip(MODULES)
      const { code, stdout, stderr } = await verify([path, ...words])
      expect(code).toBe(1)
      expect(stdout).toContain(
        "imported 0 modules in python3.13's image public.ecr.aws/lambda/python:3.13-x86_64, 2 failed\n  public.ecr",
      )
      expect(stdout).toContain(
        'It proves imports and wiring; that glibc fits is proved by the symbol versions',
      )
      expect(stdout).toContain(
        'error import-failed: an import fails in the image of the runtime\n  python/a.py\n',
      )
      expect(stdout).toContain(String.raw`import b in python3.13: OSError: \x1b[31mno`)
      expect(stderr).toContain('Importing 2 modules in public.ecr.aws/lambda/python:3.13-x86_64')
      const json = await verify([path, ...words, '--json'])
      expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 1, stderr: '' })
      expect(JSON.parse(json.stdout)).toMatchObject({
        imports: [{ runtime: 'python3.13', modules: [{ module: 'a', outcome: 'failed' }, { module: 'b' }] }],
      })
      const other = await verify([path, ...words, '--image', 'public.ecr.aws/lambda/python:nothing'])
      expect(other.code).not.toBe(0)
      expect(other.stderr).toContain('public.ecr.aws/lambda/python:nothing')
    },
    IMAGES_TIMEOUT,
  )

  test('without an engine it could not be reached; --image is of no use alone', async () => {
    const path = place.zip(MODULES)
    const none = await verify([path, ...words, '--json'], place.path, { DOCKER_HOST: 'tcp://127.0.0.1:1' })
    expect(none.code).toBe(3)
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: 'DOCKER_NOT_RUNNING' } })
    expect((await verify([path, '--image', 'x'])).code).toBe(2)
  })
})

test('what is no zip is a failure that says so', async () => {
  writeFileSync(join(place.path, 'broken.zip'), 'PK')
  const { code, stderr } = await verify(['broken.zip'])
  expect(code).toBe(1)
  expect(stderr).toContain('is not a sound zip')
})
