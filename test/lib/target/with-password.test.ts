import { expect, test } from 'vitest'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { withPassword } from '../../../src/lib/target/with-password.ts'

test.each([
  ['postgres://me:old@h:5433/db?sslmode=require', 'postgres://me:n%40w@h:5433/db?sslmode=require'],
  ['postgresql://m%40e@h/db?application_name=x', 'postgresql://m%40e:n%40w@h/db?application_name=x'],
  ['POSTGRES://me:@h', 'POSTGRES://me:n%40w@h'],
  ['postgres://me:$&o@[::1]/db', 'postgres://me:n%40w@[::1]/db'],
  // What stands elsewhere cannot be kept.
  ['postgres://h/db?user=me&password=old', 'postgres://me:n%40w@h:5432/db'],
  ['postgres://me:x@h/db?password=old', 'postgres://me:n%40w@h:5432/db'],
])('%s becomes %s', (url, changed) => {
  expect(withPassword(url, 'n@w')).toBe(changed)
  expect(parseConnectionUrl(changed).password).toBe('n@w')
})

test.each([
  ['postgres://me:old@h:5433/db?sslmode=require', 'postgres://me@h:5433/db?sslmode=require'],
  ['postgres://me@h/db', 'postgres://me@h/db'],
])('without a password %s becomes %s', (url, changed) => {
  expect(withPassword(url, undefined)).toBe(changed)
})

test('one that is ambiguous is refused', () => {
  expect(() => withPassword('postgres://me:o@ld@h/db', 'new')).toThrow(/not valid/)
})
