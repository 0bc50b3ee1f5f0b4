import { expect, test } from 'vitest'
import { pathPattern } from '../../../../src/lib/layer/build/path-pattern.ts'

test.each([
  ['*.pyi', 'a/b/c.pyi', true],
  ['*.pyi', 'c.pyi', true],
  ['*.pyi', 'c.pyix', false],
  ['tests', 'a/tests/b/c.py', true],
  ['tests', 'a/mytests/c.py', false],
  ['tests/', 'a/tests/c.py', true],
  ['a/tests', 'a/tests/c.py', true],
  ['a/tests', 'b/a/tests/c.py', false],
  ['/tests', 'tests/c.py', true],
  ['/tests', 'a/tests/c.py', false],
  ['a/*/c.py', 'a/b/c.py', true],
  ['a/*/c.py', 'a/b/b/c.py', false],
  ['a/**/c.py', 'a/b/b/c.py', true],
  ['a/**/c.py', 'a/c.py', true],
  ['a/**', 'a/b/c.py', true],
  ['a/**', 'b/a/c.py', false],
  ['?.py', 'a/b.py', true],
  ['?.py', 'ab.py', false],
  ['a.(b|c)+', 'a.(b|c)+', true],
  ['a.b', 'axb', false],
])('%s, %s: %s', (pattern, path, fits) => {
  expect(pathPattern(pattern)(path)).toBe(fits)
})
