import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../../src/lib/postgres/connect.ts'
import { quoteLiteral } from '../../../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../../../src/lib/target/connection-url.ts'
import { runSql } from '../../../support/database.ts'
import { TEST_MAJOR } from '../../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

/** The rules of pg_hba.conf: who must prove himself how. */
const HBA = ['password', 'md5', 'scram-sha-256'].map((method) => `host all "by-${method}" all ${method}`)

/** Passwords of all kinds; 900 bytes is about what servers before PostgreSQL 14 can read. */
const PASSWORDS: readonly (readonly [string, string])[] = [
  ['a plain one', 'secret'],
  ['one of signs', String.raw`' " \ / # ? @ : %41 , = $$ ;`],
  ['one with blanks around it', '  secret  '],
  ['one that is not ASCII', 'pässwörd€日本'],
  ['one with an emoji', 'secret😀'],
  ['a very long one', 'long '.repeat(180)],
]

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ major: TEST_MAJOR, hba: HBA })
  for (const method of ['password', 'md5', 'scram-sha-256', 'trust'])
    await runSql(server.url, `CREATE ROLE "by-${method}" LOGIN`)
})

afterAll(() => server?.stop())

async function setPassword(method: string, password: string): Promise<void> {
  const encryption = method === 'md5' ? 'md5' : 'scram-sha-256'
  const alter = `ALTER ROLE "by-${method}" PASSWORD ${quoteLiteral(password)}`
  await runSql(server.url, `SET password_encryption = '${encryption}'; ${alter}`)
}

/** Who we are when we have come in. */
async function whoAmI(method: string, password: string | undefined, parameters = ''): Promise<string> {
  const url = `postgres://by-${method}@127.0.0.1:${server.port}/postgres?${parameters}`
  const connection = await connect({ ...parseConnectionUrl(url), password })
  await connection.close()
  return connection.target.user
}

describe.each(['password', 'md5', 'scram-sha-256'])('with %s', (method) => {
  test.each(PASSWORDS)('%s lets us in', async (_, password) => {
    await setPassword(method, password)
    expect(await whoAmI(method, password)).toBe(`by-${method}`)
  })

  test('a wrong one is refused without being repeated', async () => {
    await setPassword(method, 'secret')
    const error = await whoAmI(method, 'the-wrong-one').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'WRONG_PASSWORD', kind: 'unreachable', sqlstate: '28P01' })
    expect(String(error)).toContain(`did not accept the password of user "by-${method}"`)
    expect(JSON.stringify([error, String(error)])).not.toContain('the-wrong-one')
  })

  test('without one we are told so, and where to put it', async () => {
    await expect(whoAmI(method, undefined)).rejects.toMatchObject({
      code: 'NO_PASSWORD',
      kind: 'unreachable',
      hint: expect.stringContaining('PGPASSWORD'),
    })
  })

  test('an empty one is refused', async () => {
    await setPassword(method, 'secret')
    await expect(whoAmI(method, '')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
  })

  test('a role that has no password is refused', async () => {
    await runSql(server.url, `ALTER ROLE "by-${method}" PASSWORD NULL`)
    await expect(whoAmI(method, 'secret')).rejects.toMatchObject({ code: 'WRONG_PASSWORD' })
  })

  test('channel_binding=require is refused: there is no TLS', async () => {
    await setPassword(method, 'secret')
    await expect(whoAmI(method, 'secret', 'channel_binding=require')).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      message: expect.stringContaining('channel_binding=require, but the server'),
    })
  })
})

describe('a password that SASLprep changes', () => {
  test.each([
    ['a blank that does not break', 'a\u00A0b', 'a b'],
    ['a soft hyphen', 'a\u00ADb', 'ab'],
    ['a ligature', 'ﬁsh', 'fish'],
    ['an accent of its own', 'cafe\u0301', 'café'],
    ['full-width letters', 'ＡＢ', 'AB'],
  ])('lets us in as it was set and as it was meant: %s', async (_, asSet, asMeant) => {
    await setPassword('scram-sha-256', asSet)
    expect(await whoAmI('scram-sha-256', asSet)).toBe('by-scram-sha-256')
    expect(await whoAmI('scram-sha-256', asMeant)).toBe('by-scram-sha-256')
  })

  test.each([
    ['an emoji', 'ﬁsh😀'],
    ['a control character', 'ﬁsh\u0085'],
    ['a private character', 'ﬁsh\uE000'],
  ])('but not where %s forbids it', async (_, password) => {
    await setPassword('scram-sha-256', password)
    expect(await whoAmI('scram-sha-256', password)).toBe('by-scram-sha-256')
  })
})

test('trust needs no password, and does not mind one', async () => {
  expect(await whoAmI('trust', undefined)).toBe('by-trust')
  expect(await whoAmI('trust', 'anything')).toBe('by-trust')
})

test('trust does not satisfy channel_binding=require', async () => {
  await expect(whoAmI('trust', undefined, 'channel_binding=require')).rejects.toMatchObject({
    code: 'AUTHENTICATION_FAILED',
    message: 'channel_binding=require, but the server lets us in without SCRAM.',
  })
})
