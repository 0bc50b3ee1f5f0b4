import { expect, test } from 'vitest'
import { displayUrl, parseConnectionUrl, type Target } from '../../../src/lib/target/connection-url.ts'

const PLAIN = 'postgres://me@h/db'

test('a URL is taken apart into host, port, user, password and database', () => {
  expect(parseConnectionUrl('postgres://me:secret@db.example.com:6543/app')).toEqual({
    host: 'db.example.com',
    port: 6543,
    user: 'me',
    password: 'secret',
    database: 'app',
    sslMode: undefined,
    sslRootCert: undefined,
    sslCert: undefined,
    sslKey: undefined,
    channelBinding: 'prefer',
    applicationName: undefined,
    options: undefined,
    connectTimeout: undefined,
  })
})

test.each<[string, Partial<Target>]>([
  ['postgresql://me@h/db', { host: 'h', user: 'me', database: 'db' }],
  ['POSTGRES://me@h/db', { host: 'h' }],
  ['  postgres://me@h/db\n', { database: 'db' }],
  ['postgres://', { host: 'localhost', port: 5432, user: 'system', password: undefined, database: '' }],
  ['postgres:///db', { host: 'localhost', database: 'db' }],
  ['postgres://h', { host: 'h', database: '' }],
  ['postgres://h/', { database: '' }],
  ['postgres://@h/db', { user: 'system', password: undefined }],
  ['postgres://:@h/db', { user: 'system', password: undefined }],
  ['postgres://:secret@h/db', { user: 'system', password: 'secret' }],
  ['postgres://me:@h/db', { user: 'me', password: undefined }],
  ['postgres://h:/db', { port: 5432 }],
  ['postgres://h:1/db', { port: 1 }],
  ['postgres://h:65535/db', { port: 65_535 }],
])('what is left out gets its default: %s', (url, expected) => {
  expect(parseConnectionUrl(url, 'system')).toMatchObject(expected)
})

test.each([
  ['p%2Fw', 'p/w'],
  ['p%2fw', 'p/w'],
  ['%23%3F%40%25%3A', '#?@%:'],
  ['a:b', 'a:b'],
  ['a%20b', 'a b'],
  ['a+b', 'a+b'],
  ['%C3%A4%E2%82%AC', 'ä€'],
  ['ä€', 'ä€'],
  ["!$&'()*,;=", "!$&'()*,;="],
  ['[x]', '[x]'],
])('a password written %s is %s', (written, meant) => {
  expect(parseConnectionUrl(`postgres://me:${written}@h/db`).password).toBe(meant)
})

test.each([
  ['postgres://[::1]/db', '::1', 5432],
  ['postgres://me:secret@[2001:db8::7]:6543/db', '2001:db8::7', 6543],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/db', '/var/run/postgresql', 5432],
  ['postgres:///db?host=/tmp', '/tmp', 5432],
  ['postgres://localhost/db?host=/cloudsql/project:region:name', '/cloudsql/project:region:name', 5432],
  ['postgres:///db?host=h&port=7', 'h', 7],
])('the host of %s is %s', (url, host, port) => {
  expect(parseConnectionUrl(url)).toMatchObject({ host, port })
})

test.each<[string, Partial<Target>]>([
  ['user=you', { user: 'you' }],
  ['password=p%40ss', { password: 'p@ss' }],
  ['dbname=other', { database: 'other' }],
  ['application_name=my%20app', { applicationName: 'my app' }],
  ['options=-c%20search_path%3Dx', { options: '-c search_path=x' }],
  ['options=-c%20search_path=x', { options: '-c search_path=x' }],
  ['sslrootcert=/etc/root.crt', { sslRootCert: '/etc/root.crt' }],
  ['sslcert=a.crt&sslkey=a.key', { sslCert: 'a.crt', sslKey: 'a.key' }],
  ['channel_binding=require', { channelBinding: 'require' }],
  ['connect_timeout=3', { connectTimeout: 3000 }],
  ['connect_timeout=0', { connectTimeout: undefined }],
  ['sslmode=disable&sslmode=require', { sslMode: 'require' }],
])('the parameter %s is understood', (parameters, expected) => {
  expect(parseConnectionUrl(`${PLAIN}?${parameters}`)).toMatchObject(expected)
})

test.each([
  ['sslmode=disable', 'disable'],
  ['sslmode=allow', 'allow'],
  ['sslmode=prefer', 'prefer'],
  ['sslmode=require', 'require'],
  ['sslmode=verify-ca', 'verify-ca'],
  ['sslmode=verify-full', 'verify-full'],
  ['ssl=true', 'require'],
  ['ssl=false', 'disable'],
  ['sslmode=verify%2Dfull', 'verify-full'],
])('%s means %s', (parameter, mode) => {
  expect(parseConnectionUrl(`${PLAIN}?${parameter}`).sslMode).toBe(mode)
})

test.each(['schema=public', 'pgbouncer=true', 'connection_limit=5', 'uselibpqcompat=true'])(
  'what other tools put into URLs, as %s, changes nothing',
  (parameter) => {
    expect(parseConnectionUrl(`${PLAIN}?${parameter}`)).toEqual(parseConnectionUrl(PLAIN))
  },
)

test.each([
  ['postgres://me:secret@h/db?sslmode=require&connect_timeout=40', 'postgres://me@h:5432/db'],
  ['postgres://a%40b:secret@[::1]/my%20db', 'postgres://a%40b@[::1]:5432/my%20db'],
  ['postgres:///db?host=/tmp&user=me', 'postgres://me@%2Ftmp:5432/db'],
])('%s is shown without its password', (url, shown) => {
  expect(displayUrl(parseConnectionUrl(url))).toBe(shown)
})
