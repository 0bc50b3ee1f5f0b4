import { expect, test } from 'vitest'
import { UsageError } from '../../../src/lib/errors.ts'
import { chooseDestination, type Choice, type KnownUrls } from '../../../src/lib/target/destination.ts'

const LOCAL = { value: 'postgres://me:local-secret@localhost/app', source: 'CONNECTION_URL in .env' }
const PROD = { value: 'postgres://me:prod-secret@db.example.com/app', source: 'PROD_CONNECTION_URL in .env' }
const BOTH: KnownUrls = { connectionUrl: LOCAL, prodConnectionUrl: PROD, systemUser: 'root' }
const NONE: KnownUrls = { connectionUrl: undefined, prodConnectionUrl: undefined, systemUser: 'root' }

function refusal(choice: Choice, known: KnownUrls): UsageError {
  try {
    chooseDestination(choice, known)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('was not refused')
}

test.each<[string, Choice, string, string]>([
  ['nothing said', {}, 'local', 'localhost'],
  ['local', { name: 'local' }, 'local', 'localhost'],
  ['prod', { name: 'prod' }, 'prod', 'db.example.com'],
  ['--prod', { prod: true }, 'prod', 'db.example.com'],
  ['prod --prod', { name: 'prod', prod: true }, 'prod', 'db.example.com'],
  ['--url', { url: 'postgres://h/x' }, 'url', 'h'],
])('%s means the database of that URL', (_, choice, kind, host) => {
  expect(chooseDestination(choice, BOTH)).toMatchObject({ kind, target: { host } })
})

test('without CONNECTION_URL the embedded server is meant', () => {
  expect(chooseDestination({}, { ...BOTH, connectionUrl: undefined })).toEqual({ kind: 'embedded' })
})

test('it is said where the URL was found', () => {
  expect(chooseDestination({}, BOTH)).toMatchObject({ source: 'CONNECTION_URL in .env' })
})

test('a URL without a user name takes that of the system', () => {
  expect(chooseDestination({ url: 'postgres://h/x' }, NONE)).toMatchObject({ target: { user: 'root' } })
})

test.each<[string, Choice]>([
  ['local and --prod', { name: 'local', prod: true }],
  ['local and --url', { name: 'local', url: LOCAL.value }],
  ['prod and --url', { name: 'prod', url: LOCAL.value }],
  ['--prod and --url', { prod: true, url: PROD.value }],
])('%s contradict each other', (_, choice) => {
  expect(refusal(choice, BOTH).code).toBe('CONFLICTING_TARGETS')
})

test('prod without PROD_CONNECTION_URL is refused, not taken for local', () => {
  expect(refusal({ prod: true }, { ...BOTH, prodConnectionUrl: undefined }).code).toBe('NO_PROD_URL')
})

test('a URL that names no database is refused', () => {
  expect(refusal({ url: 'postgres://me:secret@h:5432' }, NONE)).toMatchObject({
    code: 'NO_DATABASE_NAME',
    message: 'The URL (--url) names no database.',
  })
})

test('a URL that is not valid is refused with its source and without its password', () => {
  const error = refusal({}, { ...BOTH, connectionUrl: { ...LOCAL, value: 'postgres://me:loc/al@h/x' } })
  expect(error.code).toBe('INVALID_URL')
  expect(error.message).toContain('It comes from CONNECTION_URL in .env.')
  expect(JSON.stringify([error.message, error.hint])).not.toContain('loc')
})

test.each<[string, Choice, KnownUrls, string | undefined]>([
  ['prod', { prod: true }, BOTH, 'it was asked for as prod'],
  [
    'a CONNECTION_URL that is the PROD_CONNECTION_URL',
    {},
    { ...BOTH, connectionUrl: PROD },
    'it is the database that PROD_CONNECTION_URL names',
  ],
  [
    'the production database as another user, with a port and in capitals',
    { url: 'postgresql://you@DB.Example.COM:5432/app?sslmode=require' },
    BOTH,
    'it is the database that PROD_CONNECTION_URL names',
  ],
  [
    'an RDS endpoint',
    { url: 'postgres://me@x.abc.eu-west-1.rds.amazonaws.com/app' },
    BOTH,
    'its host is an RDS endpoint',
  ],
  [
    'an RDS endpoint as CONNECTION_URL',
    {},
    { ...NONE, connectionUrl: { ...LOCAL, value: 'postgres://me@x.abc.eu-west-1.rds.amazonaws.com/app' } },
    'its host is an RDS endpoint',
  ],
  [
    'another database of the production server',
    { url: 'postgres://me@db.example.com/test' },
    BOTH,
    undefined,
  ],
  ['another port of the production host', { url: 'postgres://me@db.example.com:1/app' }, BOTH, undefined],
  ['a local database', {}, BOTH, undefined],
  [
    'a local database beside a PROD_CONNECTION_URL that is not valid',
    {},
    { ...BOTH, prodConnectionUrl: { ...PROD, value: 'nonsense' } },
    undefined,
  ],
])('whether %s is protected', (_, choice, known, reason) => {
  expect(chooseDestination(choice, known)).toHaveProperty('protectedBecause', reason)
})

test.each([
  ['prod', { name: 'prod' }, true],
  ['its URL under another flag', { url: PROD.value }, true],
  ['the local database', {}, false],
  [
    'an RDS endpoint that nobody calls production',
    { url: 'postgres://me@x.abc.eu-west-1.rds.amazonaws.com/app' },
    false,
  ],
])('whether %s is production', (_, choice, production) => {
  expect(chooseDestination(choice, BOTH)).toHaveProperty('production', production)
})
