import { expect, test } from 'vitest'
import { saslprep } from '../../../../src/lib/postgres/wire/saslprep.ts'

test.each([
  ['ASCII', 'Pass w0rd!', 'Pass w0rd!'],
  // The examples of RFC 4013, section 3.
  ['a soft hyphen', 'I\u00ADX', 'IX'],
  ['a user', 'user', 'user'],
  ['capitals', 'USER', 'USER'],
  ['an ordinal', '\u00AA', 'a'],
  ['a Roman numeral', '\u2168', 'IX'],
  ['a blank that does not break', 'a\u00A0b', 'a b'],
  ['an ideographic blank', 'a\u3000b', 'a b'],
  ['a blank without width', 'a\u200Bb', 'a b'],
  ['a joiner', 'a\u200Db', 'ab'],
  ['a byte order mark', '\uFEFFab', 'ab'],
  ['a variation selector', 'a\uFE0Fb', 'ab'],
  ['an accent of its own', 'e\u0301', 'é'],
  ['a ligature', 'ﬁ', 'fi'],
  ['full-width letters', 'ＡＢ', 'AB'],
])('%s', (_, password, prepared) => {
  expect(saslprep(password)).toBe(prepared)
})

test.each([
  ['a control character', '\u00AA\u0007'],
  ['a control character beyond ASCII', '\u00AA\u0085'],
  ['an emoji, newer than the Unicode that the RFC is about', '\u00AA😀'],
  ['a private character', '\u00AA\uE000'],
  ['no character', '\u00AA\uFDD0'],
  ['nothing that is left', '\u00AD'],
])('a password with %s stays as it is, as PostgreSQL has it', (_, password) => {
  expect(saslprep(password)).toBe(password)
})
