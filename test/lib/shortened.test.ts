import { expect, test } from 'vitest'
import { shortened } from '../../src/lib/shortened.ts'

test.each([
  ['', ''],
  ['one two', 'one two'],
  ['one twos', 'one …'],
  ['one tw o', 'one tw …'],
  ['onetwothree', '…'],
])('%j is %j: never a part of a word', (text, short) => {
  expect(shortened(text, 7)).toBe(short)
})
