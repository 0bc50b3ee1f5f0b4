import { expect, test } from 'vitest'
import { generatePassword, passwordProblems } from '../../../../src/lib/rds/login/password.ts'

const many = Array.from({ length: 5000 }, generatePassword)

test('a generated password is as RDS wants it, needs no encoding, and holds nothing that is taken for something else', () => {
  for (const password of many) {
    expect(password).toMatch(/^[A-Za-z2-9._-]{32}$/)
    expect(password).not.toMatch(/[IOl]/)
    expect(encodeURIComponent(password)).toBe(password)
    expect(passwordProblems(password)).toEqual([])
  }
})

test('no two are the same, and no character is more likely than another', () => {
  expect(new Set(many).size).toBe(many.length)
  const counts = new Map<string, number>()
  for (const character of many.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(60)
  const expected = (many.length * 32) / counts.size
  // Six standard deviations: once in some ten million runs.
  for (const count of counts.values())
    expect(Math.abs(count - expected)).toBeLessThan(6 * Math.sqrt(expected))
})

test.each([
  ['12345678', []],
  ['x'.repeat(128), []],
  ['!#$%&()*+,-.:;<=>?[\\]^_`{|}~', []],
  ['1234567', ['it has fewer than 8 characters']],
  ['x'.repeat(129), ['it has more than 128 characters']],
  ['', ['it has fewer than 8 characters']],
  ['12345678\n', ['it holds a character that is not printable ASCII']],
  ['pässword', ['it holds a character that is not printable ASCII']],
  ['a/\u{1f600}', ['it has fewer than 8', 'it holds one of', 'it holds a character that is not']],
])('%j: %j', (password, problems) => {
  expect(passwordProblems(password)).toEqual(problems.map((problem) => expect.stringContaining(problem)))
})

test.each(['/', '"', '@', "'", ' '])('%j is refused, without repeating the password', (character) => {
  const problems = passwordProblems(`Zq7VxKw${character}x`)
  expect(problems).toEqual([expect.stringContaining('it holds one of')])
  expect(problems.join()).not.toContain('Zq7')
})
