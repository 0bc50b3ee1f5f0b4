import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPassword } from '../../../src/lib/config/password-file.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { withProject } from '../../support/cli.ts'

/** What the file says about a target. */
function find(text: string, url = 'postgres://me@h:5432/db', mode = 0o600): Promise<string | undefined> {
  return withProject({}, async ({ path }) => {
    const file = join(path, 'pgpass')
    writeFileSync(file, text)
    chmodSync(file, mode)
    return findPassword(file, parseConnectionUrl(url))
  })
}

test.each([
  ['h:5432:db:me:secret', 'secret'],
  ['h:5432:db:me:secret\n', 'secret'],
  ['h:5432:db:me:secret\r\n', 'secret'],
  ['*:*:*:*:secret', 'secret'],
  ['h:*:db:*:secret', 'secret'],
  ['# a comment\n\nh:5432:db:me:secret', 'secret'],
  ['other:5432:db:me:wrong\nh:5432:db:me:secret\n*:*:*:*:later', 'secret'],
  [String.raw`h:5432:db:me:a\:b\\c`, 'a:b\\c'],
  [String.raw`h:5432:db:me:a\bc`, 'abc'],
  [String.raw`h:5432:db:me:secret\:`, 'secret:'],
  ['h:5432:db:me:secret\\', 'secret\\'],
  ['h:5432:db:me:secret:what comes then', 'secret'],
  ['h:5432:db:me:pässwörd 1', 'pässwörd 1'],
])('the line %j gives the password %s', async (text, password) => {
  expect(await find(text)).toBe(password)
})

test.each([
  '',
  'h:5432:db:me',
  'h:5433:db:me:secret',
  'other:5432:db:me:secret',
  'h:5432:other:me:secret',
  'h:5432:db:other:secret',
  'h:5432:db:m*:secret',
  '#h:5432:db:me:secret',
  String.raw`\*:*:*:*:secret`,
])('the line %j gives none', async (text) => {
  expect(await find(text)).toBeUndefined()
})

test.each([String.raw`\:\:1:5432:d\:b:a\\b:secret`, String.raw`::1:5432:d:b:a\\b:secret`])(
  'a colon in a name may be escaped, a backslash must be: %s',
  async (line) => {
    expect(await find(line, 'postgres://a%5Cb@[::1]:5432/d%3Ab')).toBe('secret')
  },
)

test.each(['/tmp', '/var/run/postgresql'])(
  'the usual socket in %s goes by the name localhost',
  async (folder) => {
    expect(await find('localhost:*:*:*:secret', `postgres:///db?host=${folder}`)).toBe('secret')
  },
)

test('a socket elsewhere goes by its folder', async () => {
  const url = 'postgres:///db?host=/srv/sockets'
  expect(await find('localhost:*:*:*:wrong\n/srv/sockets:*:*:*:secret', url)).toBe('secret')
})

test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o644, 0o620, 0o666])(
  'a file with mode %o, open to others, is not used',
  async (mode) => {
    expect(await find('*:*:*:*:secret', undefined, mode)).toBeUndefined()
  },
)

test('a file that is not there, or is a folder, gives none', async () => {
  await withProject({}, async ({ path }) => {
    const target = parseConnectionUrl('postgres://me@h/db')
    expect(findPassword(undefined, target)).toBeUndefined()
    expect(findPassword(join(path, 'missing'), target)).toBeUndefined()
    expect(findPassword(path, target)).toBeUndefined()
  })
})
