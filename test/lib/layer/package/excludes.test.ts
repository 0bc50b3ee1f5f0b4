import { expect, test } from 'vitest'
import { excluder } from '../../../../src/lib/layer/package/excludes.ts'

test.each([
  ['tests', ['tests', 'a/tests'], ['tests.py', 'mytests', 'tests2']],
  ['*.md', ['a.md', 'docs/b.md'], ['a.md.txt', 'md']],
  ['docs/*.md', ['docs/a.md'], ['a.md', 'docs/deep/a.md', 'x/docs/a.md']],
  ['docs/**/*.md', ['docs/a.md', 'docs/deep/er/a.md'], ['a.md', 'docs/a.txt']],
  ['./build/', ['build', 'a/build'], ['builds']],
  ['/a/b/', ['a/b'], ['b', 'x/a/b']],
  ['a?c', ['abc'], ['ac', 'abbc', 'a/c']],
  ['a+(b)', ['a+(b)'], ['aab']],
])('%s', (pattern, out, kept) => {
  const isExcluded = excluder([pattern])
  expect([...out, ...kept].filter(isExcluded)).toEqual(out)
})
