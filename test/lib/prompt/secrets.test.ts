import { expect, test } from 'vitest'
import { holdsPassword } from '../../../src/lib/prompt/secrets.ts'

test.each([
  "ALTER ROLE ada PASSWORD 'x'",
  "create user ada with encrypted password 'x'",
  "alter role ada\n  password\n  E'x'",
  'alter role ada password $$x$$',
  "alter role ada password /* no */ 'x'",
  "create user mapping for ada server s options (user 'a', password 'x')",
  "create subscription s connection 'host=h password=x' publication p",
  "update users set password = 'x'",
  "select dblink('postgres://ada:secret@db/x')",
])('%s is not kept', (entry) => {
  expect(holdsPassword(entry)).toBe(true)
})

test.each([
  'select password from users',
  'alter role ada password null',
  "select 'password'",
  "select 'http://example.com/a@b'",
  '\\d users',
])('%s is kept', (entry) => {
  expect(holdsPassword(entry)).toBe(false)
})
