import { ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { testAwsSession } from '../support/aws/session.ts'
import { cruddur, withProject } from '../support/cli.ts'

// `cruddur rds url` as it is typed: the password comes out where it was asked for, and nowhere else.

const HOST = 'cruddur-db.aaaaaaaaaa.eu-central-1.rds.amazonaws.com'
/** Where this stands, the password stands, however much of it was encoded. */
const CORE = 'Zq7VxKw'
const URL = `postgres://cruddurroot:p%40s%2Fs${CORE}@${HOST}:5432/cruddur?sslmode=verify-full`
const MASKED = URL.replace(`p%40s%2Fs${CORE}`, '********')

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, 'cruddur-db', { DBName: 'cruddur' })
})

/** Runs it in a project with this .env. */
const url = (
  words: readonly string[],
  file = `PROD_CONNECTION_URL=${URL}\n`,
  env: Record<string, string> = {},
) =>
  withProject({ '.env': file }, ({ path }) =>
    cruddur(['rds', 'url', ...words], { directory: path, env: { ...emulator.environment, ...env } }),
  )

async function keepInSecret(): Promise<void> {
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  await rds.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: 'cruddur-db',
      ManageMasterUserPassword: true,
      ApplyImmediately: true,
    }),
  )
  rds.destroy()
}

test('masked, unless it is to be revealed', async () => {
  expect(await url([])).toEqual({ code: 0, stdout: `${MASKED}\n`, stderr: '' })
  expect(await url(['--reveal'])).toEqual({ code: 0, stdout: `${URL}\n`, stderr: '' })
})

test('with --json it is one object, masked as well', async () => {
  const masked = await url(['--json'])
  expect(masked).toMatchObject({ code: 0, stderr: '' })
  const found = {
    id: 'cruddur-db',
    kind: 'instance',
    url: MASKED,
    host: HOST,
    port: 5432,
    database: 'cruddur',
    user: 'cruddurroot',
    passwordSource: 'configured',
    expiresAt: null,
    warnings: [],
  }
  expect(JSON.parse(masked.stdout)).toEqual(found)
  expect(JSON.parse((await url(['--json', '--reveal'])).stdout)).toEqual({ ...found, url: URL })
})

describe('a password that is not known', () => {
  test('is not in it, and what to do is said', async () => {
    const { code, stdout, stderr } = await url(['cruddur-db'], '')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `postgres://cruddurroot@${HOST}:5432/cruddur?sslmode=verify-full\n`,
    })
    expect(stderr).toContain('cruddur rds reset-password cruddur-db')
    const { warnings, passwordSource } = JSON.parse((await url(['cruddur-db', '--json'], '')).stdout)
    expect({ warnings, passwordSource }).toEqual({
      warnings: [expect.stringContaining('reset-password')],
      passwordSource: null,
    })
  })
})

test('of the secret: masked, and that it changes is said', async () => {
  await keepInSecret()
  const masked = await url([])
  expect(masked).toMatchObject({
    code: 0,
    stdout: `postgres://admin:********@${HOST}:5432/cruddur?sslmode=verify-full\n`,
    stderr: expect.stringContaining('seven days'),
  })
  const revealed = await url(['--reveal'])
  expect(revealed.stdout).toBe(`postgres://admin:P%4055w0rd%21@${HOST}:5432/cruddur?sslmode=verify-full\n`)
  expect(masked.stderr + revealed.stderr).not.toMatch(/55w0rd/)
})

test('a token: masked, and how long it lives is said', async () => {
  const off = '<IAMDatabaseAuthenticationEnabled>false'
  await emulator.fault({
    action: 'DescribeDBInstances',
    times: -1,
    rewrite: [[off, off.replace('false', 'true')]],
  })
  const masked = await url(['--iam', '--user', 'app'])
  expect(masked.stdout).toBe(`postgres://app:********@${HOST}:5432/cruddur?sslmode=verify-full\n`)
  expect(masked.stderr).toMatch(/token of app ends at \S+Z: 15 minutes .* credentials/)
  const { url: revealed, expiresAt } = JSON.parse((await url(['--iam', '--reveal', '--json'])).stdout)
  expect(revealed).toMatch(/^postgres:\/\/cruddurroot:cruddur-db\.aaa\S+X-Amz-Signature%3D/)
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(14 * 60_000)
  expect(masked.stderr).not.toContain('Signature')
})

test.each([
  [['--user', 'app'], 2, 'USAGE'],
  [['nobody'], 1, 'INSTANCE_NOT_FOUND'],
  [['--iam'], 2, 'IAM_LOGIN_OFF'],
])('%j: exit code %i, %s', async (words, code, name) => {
  const failed = await url([...words, '--json'])
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
})

test('the password is nowhere else, whatever fails and whoever listens', async () => {
  const runs = [
    await url([], undefined, { DEBUG: '*' }),
    await url(['--json'], undefined, { DEBUG: '*' }),
    await url(['--iam', '--reveal'], undefined, { DEBUG: '*' }),
    await url(['nobody', '--reveal', '--json'], undefined, { DEBUG: '*' }),
  ]
  await emulator.fault({ action: 'DescribeDBInstances', error: 'AccessDenied', times: -1 })
  runs.push(await url(['--reveal'], undefined, { DEBUG: '*' }))
  for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(CORE)
  await emulator.reset()
  await makeInstance(emulator, 'cruddur-db')
  await keepInSecret()
  for (const words of [[], ['--json']]) {
    const { code, stdout, stderr } = await url(words, undefined, { DEBUG: '*' })
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('55w0rd')
  }
})
