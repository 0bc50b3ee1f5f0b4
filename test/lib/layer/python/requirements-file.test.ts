import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRequirementsFile } from '../../../../src/lib/layer/python/requirements-file.ts'
import { caught } from '../../../support/layer/caught.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cruddur-test-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(join(directory, path, '..'), { recursive: true })
  writeFileSync(join(directory, path), text)
}

const read = (environment: Record<string, string> = {}, path = 'requirements.txt') =>
  readRequirementsFile(path, { directory, environment })

const A = 'a'.repeat(64)
const B = 'B'.repeat(64)

test('lines as pip reads them', () => {
  write(
    'requirements.txt',
    `\u{FEFF}# comment
psycopg2-binary==2.9.13 # why not#this
requests[socks] >= 2.31 ; python_version < "3.14"   # and so on\r
numpy \\
  >=2, \\
  <3
url @ https://host/a-1-py3-none-any.whl#sha256=${A}

  last`,
  )
  const { requirements } = read()
  expect(
    requirements.map(({ requirement, origin }) => [requirement.name, requirement.specifier, origin]),
  ).toEqual([
    ['psycopg2-binary', '==2.9.13', 'requirements.txt, line 2'],
    ['requests', '>=2.31', 'requirements.txt, line 3'],
    ['numpy', '>=2,<3', 'requirements.txt, line 4'],
    ['url', '', 'requirements.txt, line 7'],
    ['last', '', 'requirements.txt, line 9'],
  ])
  expect(requirements[1]?.requirement).toMatchObject({ extras: ['socks'], marker: { kind: 'compare' } })
  expect(requirements[3]?.requirement.url).toBe(`https://host/a-1-py3-none-any.whl#sha256=${A}`)
})

test('a comment ends what the line before began', () => {
  write('requirements.txt', 'a \\\n# comment \\\nb')
  expect(read().requirements.map(({ requirement }) => requirement.name)).toEqual(['a', 'b'])
})

test('hashes, several and in each way to write them', () => {
  write('requirements.txt', `a==1 --hash=sha256:${A} \\\n  --hash sha256:${B}\nb==1 --hash="sha256:${A}"\n`)
  const { requirements } = read()
  expect(requirements.map(({ hashes }) => hashes)).toEqual([[A, B.toLowerCase()], [A]])
})

test('files that include others, each relative to its own folder', () => {
  write('requirements.txt', '-r deps/base.txt\n--constraint=limits.txt\nc')
  write('deps/base.txt', 'a\n-r more.txt\n-f wheels\n')
  write('deps/more.txt', 'b')
  write('limits.txt', 'a<3\n-r deps/more.txt')
  const found = read()
  expect(found.requirements.map(({ requirement, origin }) => `${requirement.name} ${origin}`)).toEqual([
    `a ${join('deps', 'base.txt')}, line 1`,
    `b ${join('deps', 'more.txt')}, line 1`,
    'c requirements.txt, line 3',
  ])
  expect(found.constraints.map(({ requirement }) => requirement.name)).toEqual(['a', 'b'])
  expect(found.findLinks).toEqual([join(directory, 'deps', 'wheels')])
  expect(found.files).toHaveLength(5)
})

test('where packages come from, and what means nothing here', () => {
  write(
    'requirements.txt',
    `-i https://me:\${TOKEN}@host/simple --extra-index-url=https://other/simple
--find-links https://files/list.html
--no-index
--prefer-binary --only-binary :all:
a`,
  )
  expect(read({ TOKEN: 'secret' })).toMatchObject({
    indexUrl: 'https://me:secret@host/simple',
    extraIndexUrls: ['https://other/simple'],
    findLinks: ['https://files/list.html'],
    noIndex: true,
    ignored: ['--prefer-binary in requirements.txt, line 4', '--only-binary in requirements.txt, line 4'],
  })
  expect(read().indexUrl).toBe('https://me:${TOKEN}@host/simple')
})

test('a file that includes itself, by a detour', () => {
  write('requirements.txt', '-r a.txt')
  write('a.txt', '-c requirements.txt')
  expect(caught(() => read())).toMatchObject({ code: 'REQUIREMENTS_LOOP', kind: 'usage' })
})

test('one file twice is no circle', () => {
  write('requirements.txt', '-r a.txt\n-r a.txt')
  write('a.txt', 'a')
  expect(read().requirements).toHaveLength(2)
})

test('with one hash, all must have one', () => {
  write('requirements.txt', `a==1 --hash=sha256:${A}\nb==1`)
  expect(caught(() => read())).toMatchObject({
    code: 'HASH_MISSING',
    message: 'b has no hash (requirements.txt, line 2), others have.',
  })
  write('requirements.txt', '--require-hashes\nb==1')
  expect(caught(() => read()).code).toBe('HASH_MISSING')
})

test.each([
  '-e .',
  '--editable=./pkg',
  './pkg',
  '../pkg-1.0-py3-none-any.whl',
  'pkg-1.0-py3-none-any.whl',
  '/abs/pkg',
  'file:///abs/pkg',
  'git+https://host/repo.git',
  'pkg @ git+ssh://git@host/repo.git@main',
  'https://host/pkg-1.0-py3-none-any.whl',
  '-r https://host/requirements.txt',
  '--index-urll https://host',
  'a --global-option=x',
  `a==1 --hash=sha512:${A}`,
])('%s is refused with what to do', (line) => {
  write('requirements.txt', `fine\n${line}\n`)
  const error = caught(() => read())
  expect(error).toMatchObject({ code: 'REQUIREMENT_NOT_SUPPORTED', kind: 'usage' })
  expect(error.message).toContain('requirements.txt, line 2')
  expect(error.hint).toBeTruthy()
})

test.each(['a b', 'a==', '-r', '--index-url', `a --hash=sha256:12`, '=='])('%s is wrong', (line) => {
  write('requirements.txt', `\n${line}\n`)
  expect(caught(() => read())).toMatchObject({ code: 'INVALID_REQUIREMENT' })
  expect(caught(() => read()).message).toContain('requirements.txt, line 2')
})

test('secrets are in no message', () => {
  for (const line of ['a ! https://me:${TOKEN}@host', 'a=${TOKEN}', 'https://me:other-secret@host/a.whl']) {
    write('requirements.txt', line)
    const { message, hint, details } = caught(() => read({ TOKEN: 'my-secret' }))
    expect(JSON.stringify([message, hint, details])).not.toMatch(/my-secret|other-secret/)
  }
})

test('a file that is not there', () => {
  write('requirements.txt', '-r gone.txt')
  expect(caught(() => read())).toMatchObject({
    code: 'FILE_NOT_READABLE',
    message: '"gone.txt" cannot be read.',
  })
})
