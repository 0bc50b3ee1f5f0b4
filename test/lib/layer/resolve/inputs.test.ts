import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInputs } from '../../../../src/lib/layer/resolve/inputs.ts'
import { caught } from '../../../support/layer/caught.ts'
import { target } from '../../../support/layer/resolve.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(join(directory, path, '..'), { recursive: true })
  writeFileSync(join(directory, path), text)
}

function read(files: string[] = [], requirements: string[] = []) {
  const found = readInputs({ directory, files, requirements, target: target().environment, environment: {} })
  return {
    ...found,
    names:
      found.kind === 'lock'
        ? found.packages.map(({ name }) => name)
        : found.requirements.map(({ requirement }) => requirement.name),
  }
}

test('requirements on the line and from files count together', () => {
  write('a.txt', '--index-url https://a/simple\n-f wheels\na')
  write('b.txt', '--index-url https://b/simple\nb')
  write('pyproject.toml', '[project]\ndependencies = ["c"]')
  const found = read(['a.txt', 'b.txt', 'pyproject.toml'], ['Pillow==11.3.0'])
  expect(found.names).toEqual(['pillow', 'a', 'b', 'c'])
  expect(found).toMatchObject({
    kind: 'requirements',
    index: { indexUrl: 'https://b/simple', findLinks: [join(directory, 'wheels')] },
    requireHashes: false,
    origin: 'a.txt, b.txt, pyproject.toml, the command line',
    note: undefined,
  })
  expect(found.files).toEqual(['a.txt', 'b.txt', 'pyproject.toml'].map((file) => join(directory, file)))
})

test('nothing is asked for: the requirements of the one layer, else of the folder, else psycopg2-binary', () => {
  const none = read()
  expect(none.names).toEqual(['psycopg2-binary'])
  expect(none.note).toBe(
    'Nothing was asked for, and there is no requirements.txt: the layer gets psycopg2-binary.',
  )
  write('requirements.txt', 'from-folder')
  expect(read()).toMatchObject({ names: ['from-folder'], origin: 'requirements.txt' })
  mkdirSync(join(directory, 'layers', 'empty'), { recursive: true })
  write('layers/db/requirements.txt', 'from-layer')
  const file = join('layers', 'db', 'requirements.txt')
  expect(read()).toMatchObject({
    names: ['from-layer'],
    note: `Nothing was asked for: the layer gets what ${file} says.`,
  })
  write('layers/web/requirements.txt', 'other')
  expect(caught(() => read())).toMatchObject({ code: 'INPUTS_AMBIGUOUS', hint: `Say which one: -r ${file}` })
})

test('a lock is told by its name, and stands alone', () => {
  const lock = 'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "a"\nversion = "1"\n'
  write('pylock.toml', lock)
  write('pylock.prod.toml', lock)
  write(
    'poetry.lock',
    '[[package]]\nname = "b"\nversion = "1"\ngroups = ["main"]\n[metadata]\nlock-version = "2.1"',
  )
  write(
    'sub/uv.lock',
    'version = 1\n[[package]]\nname = "p"\nsource = { virtual = "." }\ndependencies = [{ name = "c" }]\n[[package]]\nname = "c"\nversion = "1"\nsource = { registry = "x" }',
  )
  expect(read(['pylock.toml'])).toMatchObject({ kind: 'lock', names: ['a'], origin: 'pylock.toml' })
  expect(read(['pylock.prod.toml'])).toMatchObject({ kind: 'lock', names: ['a'] })
  expect(read(['poetry.lock'])).toMatchObject({ kind: 'lock', names: ['b'] })
  expect(read(['sub/uv.lock'])).toMatchObject({ kind: 'lock', names: ['c'] })
  expect(caught(() => read(['pylock.toml'], ['more'])).code).toBe('INPUTS_MIXED')
  expect(caught(() => read(['pylock.toml', 'poetry.lock'])).code).toBe('INPUTS_MIXED')
})

test('what is wrong on the line is said', () => {
  expect(caught(() => read([], ['./folder']))).toMatchObject({ code: 'INVALID_REQUIREMENT', kind: 'usage' })
})
