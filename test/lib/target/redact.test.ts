import { expect, test } from 'vitest'
import { Redactor } from '../../../src/lib/target/redact.ts'

function redactor(secret: string, ...publicParts: string[]): Redactor {
  const made = new Redactor()
  made.add(secret, publicParts)
  return made
}

test.each([
  ['as it is', 'p@ss/w#rd', 'the password p@ss/w#rd is wrong'],
  ['percent-encoded', 'p@ss/w#rd', 'the password p%40ss%2Fw%23rd is wrong'],
  ['percent-encoded in lower case', 'p@ss/w#rd', 'the password p%40ss%2fw%23rd is wrong'],
  ['percent-encoded down to the brackets', "it's(1)!*", 'the password it%27s%281%29%21%2A is wrong'],
  [
    'percent-encoded to the brackets in lower case',
    "it's(1)!*/",
    'the password it%27s%281%29%21%2a%2f is wrong',
  ],
  ['percent-encoded where a URL must be', 'ä[b]"c', 'the password %C3%A4[b]%22c is wrong'],
  ['percent-encoded in part', 'p@ss/w#rd', 'the password p%40ss/w%23rd is wrong'],
  ['quoted for SQL', "it's", "the password it''s is wrong"],
  ['quoted for SQL with backslashes', "a\\b'c", "the password a\\\\b''c is wrong"],
  ['escaped for JSON', 'say "x"\\\n', 'the password say \\"x\\"\\\\\\n is wrong'],
])('a password is masked %s', (_, secret, text) => {
  expect(redactor(secret).redact(text)).toBe('the password ******** is wrong')
})

test('every place is masked', () => {
  expect(redactor('s3cret').redact('s3cret, s3cret and xs3crety')).toBe('********, ******** and x********y')
})

test('a secret that begins with another one leaves no tail', () => {
  const made = redactor('s3cret')
  made.add('s3cret-and-more')
  expect(made.redact('s3cret-and-more')).toBe('********')
})

test('a password that is the user name is not masked: every message would be garbled', () => {
  expect(redactor('cruddur', 'cruddur', 'localhost').redact('user cruddur')).toBe('user cruddur')
})

test.each(['', undefined])('no password (%s) masks nothing', (secret) => {
  const made = new Redactor()
  made.add(secret)
  expect(made.redact('a text')).toBe('a text')
})

test('half a character, which cannot be percent-encoded, does not stop the others from being masked', () => {
  const made = redactor('s3cret\uD800')
  expect(made.redact('s3cret\uD800')).toBe('********')
})
