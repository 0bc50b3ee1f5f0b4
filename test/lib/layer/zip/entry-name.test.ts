import { expect, test } from 'vitest'
import {
  caseClashes,
  linkStaysInside,
  nameProblem,
  namesProblem,
} from '../../../../src/lib/layer/zip/entry-name.ts'

test.for([
  'a',
  'a/b.py',
  'folder/',
  'python/numpy.libs/lib..so',
  '...',
  'a/..b',
  'naïve/日本語.py',
  'with space/and:colon',
  `${'a'.repeat(255)}/${'b'.repeat(255)}`,
])('%j is a safe name', (name) => {
  expect(nameProblem(name)).toBeUndefined()
})

test.for([
  '',
  '/',
  '/etc/passwd',
  '//server/share',
  '..',
  '../a',
  'a/../../b',
  'a/..',
  'a/../',
  './a',
  'a/./b',
  'a//b',
  'a//',
  'a\\b',
  '..\\..\\a',
  'C:/windows',
  'c:a',
  'a\0.py',
  'a'.repeat(256),
  'ä'.repeat(128),
  'a/'.repeat(2048),
])('%j is not', (name) => {
  expect(nameProblem(name)).toMatch(/^it /)
})

test('names that cannot be in one folder', () => {
  expect(namesProblem(['a/', 'a/b', 'a/c/d', 'e'])).toBeUndefined()
  expect(namesProblem(['a', 'b', 'a'])).toEqual({ name: 'a', reason: 'it is there twice' })
  expect(namesProblem(['a/', 'a/'])).toEqual({ name: 'a/', reason: 'it is there twice' })
  expect(namesProblem(['a/b/c', 'a/b'])).toEqual({ name: 'a/b', reason: 'it is a file and a folder' })
  expect(namesProblem(['a', 'a/'])).toEqual({ name: 'a', reason: 'it is a file and a folder' })
  expect(namesProblem(['a.b', 'a', 'a-b/c'])).toBeUndefined()
})

test('names that differ by case only, or by how accents are written', () => {
  expect(caseClashes(['a/B.py', 'a/b.py', 'c', 'é', 'e\u0301'])).toEqual([
    ['a/B.py', 'a/b.py'],
    ['é', 'e\u0301'],
  ])
})

test('links within the tree and out of it', () => {
  expect(linkStaysInside('a/b/link', '../c/lib.so')).toBe(true)
  expect(linkStaysInside('link', 'lib.so.1')).toBe(true)
  expect(linkStaysInside('a/link', '..')).toBe(true)
  expect(linkStaysInside('a/link', '../../etc')).toBe(false)
  expect(linkStaysInside('a/link', 'b/../../../c')).toBe(false)
  expect(linkStaysInside('a/link', '/etc/passwd')).toBe(false)
  expect(linkStaysInside('link', '')).toBe(false)
})
