import { expect, test } from 'vitest'
import { parsePattern, patternCondition } from '../../../src/lib/prompt/catalog/pattern.ts'

const nameOf = (text: string) => parsePattern(text).name

test('* and ? are wildcards, letters are lower case', () => {
  expect(nameOf('Us*_?')).toBe('us.*_.')
})

test('within double quotes everything stands for itself', () => {
  expect(nameOf('"Us*.""x"')).toBe('Us\\*\\."x')
})

test('a dollar sign is no end of a line', () => {
  expect(nameOf('a$b')).toBe('a\\$b')
})

test('a dot parts the schema from the name; the database before it is let go', () => {
  expect(parsePattern('app.users')).toMatchObject({ schema: 'app', name: 'users' })
  expect(parsePattern('db.app.users')).toMatchObject({ schema: 'app', name: 'users' })
  expect(parsePattern('"a.b".c')).toMatchObject({ schema: 'a\\.b', name: 'c' })
})

test('more parts than three are refused', () => {
  expect(() => parsePattern('a.b.c.d')).toThrow('too many dotted names')
})

test('with a schema it is compared, without one only what is visible matches', () => {
  const subject = { schema: 'n.nspname', name: 'c.relname', visible: 'is_visible(c.oid)' }
  expect(patternCondition(parsePattern('app.t'), subject)).toContain(
    "n.nspname::text OPERATOR(pg_catalog.~) '^(app)$'",
  )
  expect(patternCondition(parsePattern('app.t'), subject)).not.toContain('is_visible')
  expect(patternCondition(parsePattern('t'), subject)).toContain('is_visible(c.oid)')
  expect(patternCondition(undefined, subject)).toBe('')
})

test('a quote in a pattern does not end the literal', () => {
  expect(patternCondition(parsePattern("x'; drop"), { name: 'c.relname' })).toContain("'^(x''; drop)$'")
})
