import { describe, expect, test } from 'vitest'
import { parseEnvBytes, withEnvValue } from '../../../src/lib/config/env-text.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

// A .env is changed in one place and nowhere else; what counts is how it is read afterwards.

const URL = 'postgres://me:a.b~c-D@h.rds.amazonaws.com:5432/db?sslmode=verify-full'

function changed(before: string, value: string | undefined, name = 'X'): string | undefined {
  return withEnvValue(Buffer.from(before), name, value)?.toString()
}

describe('where the value goes', () => {
  test.each([
    ['', 'X=new\n'],
    ['\uFEFF', '\uFEFFX=new\n'],
    ['A=1\n', 'A=1\nX=new\n'],
    ['A=1', 'A=1\nX=new\n'],
    ['A=1\r\nB=2', 'A=1\r\nB=2\r\nX=new\r\n'],
    ['A=1\nX=old\nB=2\n', 'A=1\nX=new\nB=2\n'],
    ['X=old', 'X=new'],
    ['\uFEFFX=old\r\nA=1\r\n', '\uFEFFX=new\r\nA=1\r\n'],
    ['  export X = old\n', '  export X = new\n'],
    ['X=old # from the console\n', 'X=new # from the console\n'],
    ['X="old # no comment"  # one\n', 'X=new  # one\n'],
    ["X='two\nlines'\nA=1\n", 'X=new\nA=1\n'],
    ['X=\nA=1\n', 'X=new\nA=1\n'],
    ['X="never closed\nA=1\n', 'X=new\nA=1\n'],
    ['XX=1\n# X=2\nY_X=3\n', 'XX=1\n# X=2\nY_X=3\nX=new\n'],
    ['X=first\nX=second\nA=1\n', 'X=first\nX=new\nA=1\n'],
    ['X=first\nA="\nX=not this one\n"\n', 'X=new\nA="\nX=not this one\n"\n'],
    ['A="\nX=not this one\n"\n', 'A="\nX=not this one\n"\nX=new\n'],
  ])('%j becomes %j', (before, after) => {
    expect(changed(before, 'new')).toBe(after)
  })

  test('behind a name without a value it is not taken for that value', () => {
    const after = changed('A=   \n', 'new') ?? ''
    expect(parseEnvBytes(Buffer.from(after))).toEqual({ A: '', X: 'new' })
  })

  test('bytes that are not UTF-8 stay what they are', () => {
    const before = Buffer.from([...Buffer.from('# caf'), 0xe9, ...Buffer.from('\nX=old\n')])
    expect(withEnvValue(before, 'X', 'new')).toEqual(
      Buffer.from([...Buffer.from('# caf'), 0xe9, ...Buffer.from('\nX=new\n')]),
    )
  })

  test('what is there already is not written another way', () => {
    expect(changed("X = 'new' # one\n", 'new')).toBe("X = 'new' # one\n")
  })
})

describe('how the value is written', () => {
  test.each([
    ['plain', 'X=plain\n'],
    [URL, `X='${URL}'\n`],
    [URL.replace('~', ''), `X=${URL.replace('~', '')}\n`],
    ['a b', "X='a b'\n"],
    ['a#b', "X='a#b'\n"],
    ['$HOME`id`', "X='$HOME`id`'\n"],
    ["it's", 'X="it\'s"\n'],
    ['it\'s "$1"', 'X=`it\'s "$1"`\n'],
    ['é', "X='é'\n"],
    ['two\nlines', "X='two\nlines'\n"],
    [' blanks ', "X=' blanks '\n"],
  ])('%j as %j', (value, after) => {
    expect(changed('', value)).toBe(after)
    expect(parseEnvBytes(Buffer.from(after))).toEqual({ X: value })
  })

  test.each(['\r', `'"\``])('%j cannot be written so that it is read back', (value) => {
    expect(changed('A=1\n', value)).toBeUndefined()
  })
})

test.each([
  ['A=1\nX=old\nB=2\n', 'A=1\nB=2\n'],
  ['A=1\r\nX="two\r\nlines" # one\r\nB=2', 'A=1\r\nB=2'],
  ['X=1\nA=1\nX=2', 'A=1\n'],
  ['\uFEFFX=1\nA=1\n', '\uFEFFA=1\n'],
  ['A=1\n', 'A=1\n'],
])('taken out of %j, %j is left', (before, after) => {
  expect(changed(before, undefined)).toBe(after)
})

test('whatever the file, the value is read back and every other value is as before', () => {
  const random = new SeededRandom(7)
  const pieces = [
    'A',
    'X',
    'B',
    '=',
    '=',
    '\n',
    '\n',
    '\r\n',
    '"',
    "'",
    '`',
    '#',
    ' ',
    'export ',
    'X=',
    '\nX=1\n',
    'é',
    '\\',
    '\\n',
    '$',
    'v',
  ]
  const text = (most: number) =>
    Array.from({ length: random.below(most) }, () => random.pick(pieces)).join('')
  let refused = 0
  for (let round = 0; round < 20_000; round++) {
    const before = text(25)
    const value = random.below(2) === 0 ? URL : text(6).replaceAll('\r', '')
    const after = withEnvValue(Buffer.from(before), 'X', value)
    if (!after) {
      refused += 1
      continue
    }
    const expected = { ...parseEnvBytes(Buffer.from(before)), X: value }
    expect(parseEnvBytes(after), JSON.stringify({ before, value })).toEqual(expected)
  }
  // Only values with all three quotes, or of blanks at the wrong place, have no spelling.
  expect(refused).toBeLessThan(200)
})
