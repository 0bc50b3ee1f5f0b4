import { inspect } from 'node:util'
import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type DatabaseUrlOptions, databaseUrl } from '../../../../src/lib/rds/login/database-url.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// The connection URL of a database, from wherever its password is to be had.

const ID = 'cruddur-db'
const HOST = `${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com`
const NOW = Date.UTC(2026, 10, 20, 10)

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, ID, { DBName: 'cruddur' })
})

const find = (more: Partial<DatabaseUrlOptions> = {}) =>
  databaseUrl({ aws: testAwsSession(emulator), id: ID, ...more })

const asked = async () => (await emulator.calls()).map(({ action }) => action)

/** Makes what is told of the instance say otherwise, from now on. */
const tell = (pattern: string, replacement: string, action = 'DescribeDBInstances') =>
  emulator.fault({ action, times: -1, rewrite: [[pattern, replacement]] })

/** Has Secrets Manager keep the password of the instance, as of another one's user. */
async function keepInSecret(): Promise<void> {
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  try {
    const wish = { DBInstanceIdentifier: ID, ManageMasterUserPassword: true, ApplyImmediately: true }
    await rds.send(new ModifyDBInstanceCommand(wish))
  } finally {
    rds.destroy()
  }
}

describe('with the URL that is configured', () => {
  const url = `postgres://cruddurroot:p%40ss@${HOST.toUpperCase()}:5432/other?sslmode=require&application_name=x`

  test('it is taken as it is if it leads to the database, and one call is enough', async () => {
    expect(await find({ configured: url })).toEqual({
      id: ID,
      kind: 'instance',
      url,
      maskedUrl: `postgres://cruddurroot:********@${HOST.toUpperCase()}:5432/other?sslmode=require`,
      host: HOST.toUpperCase(),
      port: 5432,
      database: 'other',
      user: 'cruddurroot',
      password: 'p@ss',
      passwordSource: 'configured',
      expiresAt: undefined,
    })
    expect((await asked()).slice(1)).toEqual(['DescribeDBInstances'])
  })

  test.each([
    url.replace(/cruddur-db/i, 'other-db'),
    url.replace(':5432', ':5433'),
    `postgres://cruddurroot:pw@localhost/cruddur`,
  ])('%s leads elsewhere: what is known of the password is nothing', async (configured) => {
    expect(await find({ configured })).toMatchObject({
      url: `postgres://cruddurroot@${HOST}:5432/cruddur?sslmode=verify-full`,
      maskedUrl: `postgres://cruddurroot@${HOST}:5432/cruddur?sslmode=verify-full`,
      password: undefined,
      passwordSource: undefined,
    })
  })
})

describe('with the secret that Secrets Manager keeps', () => {
  // moto's secrets are all of this user.
  const fromSecret = {
    url: `postgres://admin:P%4055w0rd%21@${HOST}:5432/cruddur?sslmode=verify-full`,
    maskedUrl: `postgres://admin:********@${HOST}:5432/cruddur?sslmode=verify-full`,
    user: 'admin',
    password: 'P@55w0rd!',
    passwordSource: 'secret',
  }

  beforeEach(keepInSecret)

  test('user and password are its own', async () => {
    expect(await find()).toMatchObject(fromSecret)
  })

  test('it counts before a URL with the master user, which may be of last week; not before one of another user', async () => {
    const configured = `postgres://cruddurroot:old@${HOST}:5432/cruddur`
    expect(await find({ configured })).toMatchObject(fromSecret)
    const app = configured.replace('cruddurroot', 'app')
    expect(await find({ configured: app })).toMatchObject({ url: app, passwordSource: 'configured' })
  })

  test('who may not read it is told the smallest policy', async () => {
    await emulator.fault({ action: 'GetSecretValue', error: 'AccessDeniedException', times: -1 })
    const error = await failureOf(find())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toMatch(
      /"Action": "secretsmanager:GetSecretValue",\s+"Resource": "arn:aws:secretsmanager:.*rds!db/,
    )
  })

  test.each([
    ['ResourceNotFoundException', /no value yet/],
    ['InvalidRequestException', /being made or deleted/],
    ['DecryptionFailure', /its key/],
  ])('%s: SECRET_NOT_READABLE', async (error, reason) => {
    await emulator.fault({ action: 'GetSecretValue', error, times: -1 })
    const failure = await failureOf(find())
    expect(failure).toMatchObject({ code: 'SECRET_NOT_READABLE', hint: expect.any(String) })
    expect(failure.message).toMatch(reason)
  })

  test.each(['Zq7VxKw', String.raw`{\\"username\\":\\"Zq7VxKw\\"}`, '[1]', 'null'])(
    'a secret of another form (%s) is not repeated',
    async (text) => {
      await emulator.fault({
        action: 'GetSecretValue',
        rewrite: [[String.raw`"SecretString": "(?:\\.|[^"\\])*"`, `"SecretString": "${text}"`]],
      })
      const failure = await failureOf(find())
      expect(failure).toMatchObject({ code: 'SECRET_NOT_READABLE' })
      expect(failure.message).toContain('holds no user name and password')
      expect(inspect(failure, { depth: 9 })).not.toContain('Zq7')
    },
  )
})

describe('with a token of IAM', () => {
  const off = '<IAMDatabaseAuthenticationEnabled>false'

  beforeEach(() => tell(off, off.replace('false', 'true')))

  test('it is signed for the user, the endpoint and the region, and AWS is not asked', async () => {
    const found = await find({ iam: true, user: 'a@b', now: NOW })
    expect(found).toMatchObject({ user: 'a@b', passwordSource: 'iam', expiresAt: new Date(NOW + 900_000) })
    const token = new URL(`https://${found.password}`)
    expect(token.host).toBe(`${HOST}:5432`)
    expect(Object.fromEntries(token.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'a@b',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^testing\/\d{8}\/eu-central-1\/rds-db\/aws4_request$/),
    })
    expect(found.url).toBe(
      `postgres://a%40b:${encodeURIComponent(found.password ?? '')}@${HOST}:5432/cruddur?sslmode=verify-full`,
    )
    expect((await asked()).slice(1)).toEqual(['DescribeDBInstances'])
  })

  test('it ends with the credentials, if those end before', async () => {
    const aws = testAwsSession(emulator)
    const expiration = new Date(NOW + 60_000)
    const credentials = async () => ({ ...(await aws.clientOptions.credentials()), expiration })
    const dying = { ...aws, clientOptions: { ...aws.clientOptions, credentials } }
    expect(await find({ aws: dying, iam: true, now: NOW })).toMatchObject({
      user: 'cruddurroot',
      expiresAt: expiration,
    })
  })

  test('without credentials it says so', async () => {
    const aws = testAwsSession(emulator)
    let calls = 0
    const credentials = () => {
      // The first are for the question for the instance.
      if (calls++ === 0) return aws.clientOptions.credentials()
      throw Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' })
    }
    const none = { ...aws, clientOptions: { ...aws.clientOptions, credentials } }
    expect(await failureOf(find({ aws: none, iam: true }))).toMatchObject({ code: 'AWS_NO_CREDENTIALS' })
  })

  test('a master user without a password gets one by itself', async () => {
    const configured = `postgres://cruddurroot:old@${HOST}:5432/cruddur`
    await emulator.reset()
    await makeInstance(emulator, ID, { DBName: 'cruddur', Tags: [{ Key: 'cruddur:login', Value: 'iam' }] })
    expect(await find({ configured })).toMatchObject({ passwordSource: 'iam', user: 'cruddurroot' })
  })
})

test('a database that takes no tokens is refused one', async () => {
  expect(await failureOf(find({ iam: true }))).toMatchObject({ code: 'IAM_LOGIN_OFF', kind: 'refused' })
})

test('one without an address yet is told so', async () => {
  await tell(String.raw`<Endpoint>[\s\S]*?</Endpoint>`, '')
  const error = await failureOf(find())
  expect(error).toMatchObject({
    code: 'INSTANCE_NO_ENDPOINT',
    hint: expect.stringContaining(`rds start ${ID}`),
  })
})

test('of a cluster, it is that of its writer, with time to wake up', async () => {
  await makeCluster(emulator, 'cruddur-aurora')
  const { kind, url } = await find({ id: 'cruddur-aurora' })
  expect(kind).toBe('cluster')
  expect(url).toMatch(
    /^postgres:\/\/cruddurroot@cruddur-aurora\.cluster-[^/]+:5432\/cruddur\?sslmode=verify-full&connect_timeout=40$/,
  )
})
