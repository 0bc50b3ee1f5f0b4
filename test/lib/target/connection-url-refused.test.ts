import { expect, test } from 'vitest'
import { UsageError } from '../../../src/lib/errors.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'

function refusal(url: string): UsageError {
  try {
    parseConnectionUrl(url)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`${url} was not refused`)
}

test.each([
  ['no scheme', 'me:secret@h/db', 'does not begin with postgres://'],
  ['another scheme', 'mysql://me:secret@h/db', 'does not begin with postgres://'],
  ['nothing', '', 'does not begin with postgres://'],
  ['one slash', 'postgres:/me:secret@h/db', 'does not begin with postgres://'],
  ['a raw / in the password', 'postgres://me:sec/ret@h/db', 'host ambiguous'],
  ['a raw # in the password', 'postgres://me:sec#ret@h/db', 'raw #'],
  ['a raw ? in the password', 'postgres://me:sec?ret@h/db', 'host ambiguous'],
  ['a raw @ in the password', 'postgres://me:sec@ret@h/db', 'more than one raw @'],
  ['raw @ and / in the password', 'postgres://me:sec@re/t@h/db', 'host ambiguous'],
  ['raw @ and ? in the password', 'postgres://me:sec@re?user=t@h/db', 'host ambiguous'],
  ['a raw % in the password', 'postgres://me:100%@h/db', 'a % that is not followed'],
  ['half an escape', 'postgres://me:se%4@h/db', 'a % that is not followed'],
  ['an escape that is no UTF-8', 'postgres://me:se%E4@h/db', 'a % that is not followed'],
  ['a blank', 'postgres://me:sec ret@h/db', 'white space'],
  ['a line break', 'postgres://me:sec\nret@h/db', 'white space'],
  ['a tab', 'postgres://me:secret@h/d\tb', 'white space'],
  ['an escape sequence', 'postgres://me:secret@h/\u001b[2Jdb', 'control character'],
  ['a fragment', 'postgres://me:secret@h/db#x', 'raw #'],
  ['several hosts', 'postgres://me:secret@h1,h2/db', 'several hosts'],
  ['several hosts in a parameter', 'postgres://me:secret@/db?host=h1,h2', 'several hosts'],
  ['IPv6 without brackets', 'postgres://me:secret@::1/db', 'several colons'],
  ['an open bracket', 'postgres://me:secret@[::1/db', 'several colons'],
  ['text behind the bracket', 'postgres://me:secret@[::1]x:1/db', 'several colons'],
  ['empty brackets', 'postgres://me:secret@[]:5432/db', 'brackets are empty'],
  ['a port of letters', 'postgres://me:secret@h:abc/db', 'port is not a number'],
  ['port 0', 'postgres://me:secret@h:0/db', 'port is not a number'],
  ['a port that is too high', 'postgres://me:secret@h:65536/db', 'port is not a number'],
  ['a negative port', 'postgres://me:secret@h:-1/db', 'port is not a number'],
  ['two names behind the host', 'postgres://me:secret@h/a/b', 'host ambiguous'],
  ['a parameter without a value', 'postgres://me:secret@h/db?sslmode', 'has no value'],
  ['an unknown parameter', 'postgres://me:secret@h/db?sslmod=require', 'unknown parameter, sslmod'],
  ['a parameter that is no name', 'postgres://me:secret@h/db?SSL%20=x', 'unknown parameter.'],
  ['an unknown sslmode', 'postgres://me:secret@h/db?sslmode=REQUIRE', 'sslmode is none of'],
  [
    'an unknown channel_binding',
    'postgres://me:secret@h/db?channel_binding=on',
    'channel_binding is none of',
  ],
  ['a timeout of letters', 'postgres://me:secret@h/db?connect_timeout=ten', 'whole number of seconds'],
])('%s is refused', (_, url, reason) => {
  const error = refusal(url)
  expect(error).toMatchObject({ code: 'INVALID_URL', kind: 'usage' })
  expect(error.message).toContain(reason)
  expect(error.hint).toBeTruthy()
})

test.each([
  'postgres://me%00:secret@h/db',
  'postgres://me:sec%00ret@h/db',
  'postgres://me:secret@h%00/db',
  'postgres://me:secret@h/d%00b',
  'postgres://me:secret@h/db?application_name=x%00user%00root',
  'postgres://me:secret@h/db?options=x%00',
  'postgres://me@h/db?password=sec%00ret',
])('a zero byte, which would end the text at the server, is refused: %s', (url) => {
  expect(refusal(url).message).toContain('zero byte')
})
