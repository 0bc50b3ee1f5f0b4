import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, parseEnv } from 'node:util'
import { CreateDBInstanceReadReplicaCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { ProgressEvent } from '../../../../src/lib/progress.ts'
import { passwordProblems } from '../../../../src/lib/rds/login/password.ts'
import { resetPassword, type ResetPasswordOptions } from '../../../../src/lib/rds/login/reset-password.ts'
import { parseConnectionUrl } from '../../../../src/lib/target/connection-url.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// A password is another one afterwards, in AWS and in .env, or in neither; and where that is not known, both are kept.

const ID = 'cruddur-db'
const HOST = `${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com`
const OLD = `postgres://cruddurroot:old@${HOST}:5432/other?sslmode=require&application_name=x`

let emulator: AwsEmulator
let envFile: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, ID, { DBName: 'cruddur' })
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-reset-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  envFile = join(folder, '.env')
})

const options = (more: Partial<ResetPasswordOptions> = {}): ResetPasswordOptions => ({
  aws: testAwsSession(emulator),
  id: ID,
  envFile,
  confirm: ID,
  pace: () => 10,
  ...more,
})
const reset = (more: Partial<ResetPasswordOptions> = {}) => resetPassword(options(more))

const keep = (lines: Record<string, string>) =>
  writeFileSync(
    envFile,
    Object.entries(lines)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join(''),
  )
const kept = () => parseEnv(readFileSync(envFile, 'utf8'))
const passwordIn = (name: string) => parseConnectionUrl(kept()[name] ?? '').password

/** The requests that change a database, in their order. */
const changes = async () => (await emulator.calls()).filter(({ action }) => action.startsWith('Modify'))
const sent = async () => (await changes()).map(({ params }) => params['MasterUserPassword'])

/** Makes the next looks see another status than there is. */
const see = (status: string, times: number, after = 0) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [['<DBInstanceStatus>available<', `<DBInstanceStatus>${status}<`]],
  })

const pending = (id: string) =>
  `postgres://cruddurroot:first@${id}.0a1b.eu-central-1.rds.invalid:5432/cruddur`

test('what an unfinished creation has left goes, as going on with it would write the password from before', async () => {
  keep({ PROD_CONNECTION_URL_PENDING: pending(ID) })
  await reset()
  expect(Object.keys(kept())).toEqual(['PROD_CONNECTION_URL'])
  keep({ PROD_CONNECTION_URL_PENDING: pending('other-db') })
  await reset()
  expect(kept()['PROD_CONNECTION_URL_PENDING']).toBe(pending('other-db'))
})

describe('one that is generated', () => {
  test('is set at once, and in .env, for its owner only', async () => {
    const result = await reset()
    expect(result).toEqual({
      id: ID,
      kind: 'instance',
      mode: 'set',
      user: 'cruddurroot',
      status: 'available',
      kept: { path: envFile, variable: 'PROD_CONNECTION_URL', tightenedFrom: undefined },
      secretArn: undefined,
      dryRun: false,
      ms: expect.any(Number),
    })
    const [call] = await changes()
    expect(call?.params).toMatchObject({ DBInstanceIdentifier: ID, ApplyImmediately: 'true' })
    const password = call?.params['MasterUserPassword'] ?? ''
    expect(password).toHaveLength(32)
    expect(passwordProblems(password)).toEqual([])
    expect(kept()).toEqual({
      PROD_CONNECTION_URL: `postgres://cruddurroot:${password}@${HOST}:5432/cruddur?sslmode=verify-full`,
    })
    expect((statSync(envFile).mode & 0o777).toString(8)).toBe('600')
    expect(inspect(result, { depth: 9 })).not.toContain(password)
  })

  test('changes nothing else of the URL that there is, nor of the file', async () => {
    writeFileSync(envFile, `# ours\nPROD_CONNECTION_URL="${OLD}" # rds\r\nA=1`, { mode: 0o644 })
    expect((await reset()).kept).toMatchObject({ tightenedFrom: '644' })
    const [password = ''] = await sent()
    const text = readFileSync(envFile, 'utf8')
    expect(text).toMatch(/^# ours\nPROD_CONNECTION_URL=\S+ # rds\r\nA=1\r?\n?$/)
    expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace(':old@', `:${password}@`), A: '1' })
  })

  test('is another one each time', async () => {
    await reset()
    await reset()
    const [first, second] = await sent()
    expect(first).not.toBe(second)
    expect(passwordIn('PROD_CONNECTION_URL')).toBe(second)
  })

  test('of a cluster it is that of the cluster', async () => {
    await makeCluster(emulator, 'cruddur-aurora')
    expect(await reset({ id: 'cruddur-aurora', confirm: 'cruddur-aurora' })).toMatchObject({
      kind: 'cluster',
    })
    const [call] = await changes()
    expect(call).toMatchObject({ action: 'ModifyDBCluster', params: { ApplyImmediately: 'true' } })
    expect(passwordIn('PROD_CONNECTION_URL')).toBe(call?.params['MasterUserPassword'])
  })
})

describe('one that is given', () => {
  test('may have as many characters as its kind of database takes', async () => {
    const password = 'x'.repeat(100)
    await makeCluster(emulator, 'cruddur-aurora')
    const refused = await failureOf(reset({ id: 'cruddur-aurora', confirm: 'cruddur-aurora', password }))
    expect(refused).toMatchObject({ code: 'PASSWORD_INVALID' })
    expect(await changes()).toEqual([])
    await reset({ password })
    expect(await sent()).toEqual([password])
  })

  test('is set, and percent-encoded in .env', async () => {
    await reset({ password: 'a#b?c%d&e!' })
    expect(await sent()).toEqual(['a#b?c%d&e!'])
    expect(kept()['PROD_CONNECTION_URL']).toContain(':a%23b%3Fc%25d%26e%21@')
  })

  test.each([
    ['short', {}],
    ['has@one', {}],
    ['long-enough', { managed: true }],
  ])('%s %j cannot be taken, and nobody is asked', async (password, more) => {
    const error = await failureOf(reset({ password, ...more }))
    expect(error).toMatchObject({ code: 'PASSWORD_INVALID', kind: 'usage' })
    expect(inspect(error)).not.toContain(password)
    expect((await emulator.calls()).slice(1)).toEqual([])
  })
})

test('the new one is in .env before AWS is asked, next to the old one', async () => {
  keep({ PROD_CONNECTION_URL: OLD })
  await emulator.fault({ action: 'ModifyDBInstance', delay: 2 })
  const work = reset()
  await expect.poll(sent, { timeout: 5000, interval: 20 }).toHaveLength(1)
  const [password] = await sent()
  expect(kept()['PROD_CONNECTION_URL']).toBe(OLD)
  expect(passwordIn('PROD_CONNECTION_URL_RESET')).toBe(password)
  await work
  expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace('old', password ?? '') })
})

describe('the end is waited for', () => {
  test('until the status has come and gone', async () => {
    // As AWS answers; moto is done at once.
    await emulator.fault({
      action: 'ModifyDBInstance',
      rewrite: [
        ['<PendingModifiedValues ?/>|<PendingModifiedValues></PendingModifiedValues>', ''],
        [
          '</DBInstanceStatus>',
          '</DBInstanceStatus><PendingModifiedValues><MasterUserPassword>****</MasterUserPassword></PendingModifiedValues>',
        ],
      ],
    })
    // It is available for a while before AWS begins.
    await see('resetting-master-credentials', 3, 3)
    const events: ProgressEvent[] = []
    expect(await reset({ onProgress: (event) => events.push(event) })).toMatchObject({ status: 'available' })
    const told = events.flatMap((event) => (event.type === 'note' ? [event.text.replace(/ \(.*/, '')] : []))
    expect(told).toEqual([
      `${ID} is available`,
      `${ID} is resetting-master-credentials`,
      `${ID} is available`,
    ])
  })

  test('not with --no-wait', async () => {
    await see('resetting-master-credentials', -1, 1)
    expect(await reset({ wait: false })).toMatchObject({ status: 'available' })
  })

  test('no longer than wanted; .env is right by then', async () => {
    await see('resetting-master-credentials', -1, 1)
    const error = await failureOf(reset({ timeout: 50 }))
    expect(error).toMatchObject({ code: 'AWS_TIMEOUT', hint: expect.stringContaining(`rds status ${ID}`) })
    expect(passwordIn('PROD_CONNECTION_URL')).toBe((await sent())[0])
  })

  test('until Ctrl-C; AWS goes on', async () => {
    await see('resetting-master-credentials', -1, 1)
    const abort = new AbortController()
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'note') abort.abort()
    }
    const error = await failureOf(reset({ signal: abort.signal, onProgress }))
    expect(error).toMatchObject({ kind: 'interrupted', message: expect.stringContaining('AWS goes on') })
    expect(kept()).toEqual({ PROD_CONNECTION_URL: expect.stringContaining(HOST) })
    expect(passwordIn('PROD_CONNECTION_URL')).toBe((await sent())[0])
  })
})

describe('what AWS would not take is not asked for', () => {
  test.each([
    ['stopped', 'INSTANCE_STOPPED', 'Start it first'],
    ['stopping', 'INSTANCE_STOPPED', 'Start it first'],
    ['deleting', 'INSTANCE_BROKEN', 'events'],
    ['incompatible-network', 'INSTANCE_BROKEN', 'events'],
  ])('%s: %s', async (status, code, hint) => {
    keep({ PROD_CONNECTION_URL: OLD })
    await see(status, -1)
    const error = await failureOf(reset())
    expect(error).toMatchObject({ code, kind: 'refused', hint: expect.stringContaining(hint) })
    expect(error.message).toContain(status)
    expect(await changes()).toEqual([])
    expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD })
  })

  test.each(['creating', 'starting', 'backing-up', 'resetting-master-credentials'])(
    '%s is waited for, or refused with --no-wait',
    async (status) => {
      await see(status, 3)
      expect(await failureOf(reset({ wait: false }))).toMatchObject({ code: 'INSTANCE_BUSY' })
      expect(await changes()).toEqual([])
      expect(await reset()).toMatchObject({ status: 'available' })
      expect(await changes()).toHaveLength(1)
    },
  )

  test('of a replica', async () => {
    const rds = new RDSClient(testAwsSession(emulator).clientOptions)
    await rds.send(
      new CreateDBInstanceReadReplicaCommand({
        DBInstanceIdentifier: 'copy',
        SourceDBInstanceIdentifier: ID,
      }),
    )
    rds.destroy()
    expect(await failureOf(reset({ id: 'copy' }))).toMatchObject({
      code: 'INSTANCE_IS_REPLICA',
      hint: expect.stringContaining(`reset-password ${ID}`),
    })
    expect(await changes()).toEqual([])
  })

  test('of an instance of a cluster', async () => {
    await makeCluster(emulator, 'cruddur-aurora')
    expect(await failureOf(reset({ id: 'cruddur-aurora-1' }))).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      hint: expect.stringContaining('reset-password cruddur-aurora'),
    })
  })

  test('of a master user who logs in with tokens', async () => {
    await makeInstance(emulator, 'iam-db', { Tags: [{ Key: 'cruddur:login', Value: 'iam' }] })
    expect(await failureOf(reset({ id: 'iam-db' }))).toMatchObject({
      code: 'MASTER_HAS_NO_PASSWORD',
      hint: expect.stringContaining('--iam'),
    })
    expect(await changes()).toEqual([])
  })

  test.each([undefined, '', 'other', 'CRUDDUR-DB'])('with %j for its name', async (confirm) => {
    const error = await failureOf(reset({ confirm }))
    expect(error).toMatchObject({ code: 'NOT_CONFIRMED', kind: 'refused' })
    expect(error.context).toContain(HOST)
    expect(await changes()).toEqual([])
    expect(() => statSync(envFile)).toThrow('ENOENT')
  })

  test('in a dry run, which needs no name', async () => {
    expect(await reset({ dryRun: true, confirm: undefined })).toMatchObject({ dryRun: true, mode: 'set' })
    expect(await changes()).toEqual([])
    expect(() => statSync(envFile)).toThrow('ENOENT')
  })

  test.each([
    ['another database', OLD.replace(HOST, 'db.example.com')],
    ['another user', OLD.replace('cruddurroot', 'app')],
  ])('where the variable has the URL of %s; under another name it is kept', async (_, url) => {
    keep({ PROD_CONNECTION_URL: url })
    const error = await failureOf(reset())
    expect(error).toMatchObject({ code: 'ENV_URL_TAKEN', kind: 'usage' })
    expect(error.message).not.toContain('old')
    expect(await changes()).toEqual([])
    await reset({ variable: 'MASTER_URL' })
    expect(kept()['PROD_CONNECTION_URL']).toBe(url)
    expect(passwordIn('MASTER_URL')).toBe((await sent())[0])
  })

  test('where .env cannot be written', async () => {
    envFile = '/proc/.env'
    expect(await failureOf(reset())).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE' })
    expect(await changes()).toEqual([])
  })

  test('where the name of the variable is none', async () => {
    expect(await failureOf(reset({ variable: 'A B' }))).toMatchObject({ code: 'INVALID_VARIABLE' })
  })
})

describe('where AWS refuses, .env is as it was', () => {
  test.each([
    [{ error: 'AccessDenied' }, 'AWS_NOT_ALLOWED'],
    [{ error: 'InvalidParameterValue' }, 'AWS_ERROR'],
    [{ error: 'ExpiredToken' }, 'AWS_LOGIN_EXPIRED'],
    [{ error: 'Throttling' }, 'AWS_BUSY'],
  ])('%j: %s', async (fault, code) => {
    keep({ PROD_CONNECTION_URL: OLD })
    const before = readFileSync(envFile, 'utf8')
    await emulator.fault({ action: 'ModifyDBInstance', times: -1, ...fault })
    expect(await failureOf(reset())).toMatchObject({ code })
    expect(readFileSync(envFile, 'utf8')).toBe(before)
  })

  test('because the status has changed meanwhile, which is said', async () => {
    await see('stopped', -1, 1)
    await emulator.fault({ action: 'ModifyDBInstance', error: 'InvalidDBInstanceState' })
    expect(await failureOf(reset())).toMatchObject({ code: 'INSTANCE_STOPPED' })
    expect(kept()).toEqual({})
  })
})

test('where .env cannot be written any longer, it is said that the password is another one, and where it is', async () => {
  keep({ PROD_CONNECTION_URL: OLD })
  await emulator.fault({ action: 'ModifyDBInstance', delay: 1 })
  const work = failureOf(reset())
  await expect.poll(sent, { timeout: 5000, interval: 20 }).toHaveLength(1)
  chmodSync(envFile, 0o400)
  const error = await work
  expect(error).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE' })
  expect(error.hint).toContain('is another one by now')
  expect(passwordIn('PROD_CONNECTION_URL_RESET')).toBe((await sent())[0])
})

describe('where the answer is lost', () => {
  test('it is asked again for the same one', async () => {
    await emulator.fault({ action: 'ModifyDBInstance', dropAfter: true })
    await reset()
    const [first, second, ...others] = await sent()
    expect(second).toBe(first)
    expect(others).toEqual([])
    expect(kept()).toEqual({ PROD_CONNECTION_URL: expect.stringContaining(`:${first}@`) })
  })

  test('and AWS is at it already, that is the answer', async () => {
    await emulator.fault({ action: 'ModifyDBInstance', dropAfter: true })
    await emulator.fault({ action: 'ModifyDBInstance', error: 'InvalidDBInstanceState' })
    await see('resetting-master-credentials', 2, 1)
    expect(await reset()).toMatchObject({ status: 'available' })
    expect(passwordIn('PROD_CONNECTION_URL')).toBe((await sent())[0])
  })

  test.each([
    ['every time', { dropAfter: true, times: -1 }, undefined],
    ['and then the login ends', { dropAfter: true }, { error: 'ExpiredToken' }],
    ['with an error of the server', { error: 'InternalFailure', status: 500, times: -1 }, undefined],
  ])('%s, both passwords are kept, and the next run goes on with the new one', async (_, first, then) => {
    keep({ PROD_CONNECTION_URL: OLD })
    await emulator.fault({ action: 'ModifyDBInstance', ...first })
    if (then) await emulator.fault({ action: 'ModifyDBInstance', ...then })
    const error = await failureOf(reset())
    expect(error).toMatchObject({
      code: 'RESET_UNKNOWN',
      hint: expect.stringContaining('PROD_CONNECTION_URL_RESET'),
    })
    expect(kept()['PROD_CONNECTION_URL']).toBe(OLD)
    const [password] = await sent()
    expect(passwordIn('PROD_CONNECTION_URL_RESET')).toBe(password)
    expect(inspect(error, { depth: 3 })).not.toContain(password)
    // Another one would overwrite what may hold.
    const waiting = kept()['PROD_CONNECTION_URL_RESET'] ?? ''
    await emulator.reset()
    await makeInstance(emulator, ID, { DBName: 'cruddur' })
    expect(await failureOf(reset({ password: 'another-one' }))).toMatchObject({ code: 'RESET_UNSETTLED' })
    // Nor is it thrown away because AWS does not take it the second time.
    await emulator.fault({ action: 'ModifyDBInstance', error: 'AccessDenied' })
    expect(await failureOf(reset())).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(kept()['PROD_CONNECTION_URL_RESET']).toBe(waiting)
    await reset()
    expect((await sent()).at(-1)).toBe(password)
    expect(kept()).toEqual({ PROD_CONNECTION_URL: waiting })
  })

  test('because of Ctrl-C, too', async () => {
    keep({ PROD_CONNECTION_URL: OLD })
    await emulator.fault({ action: 'ModifyDBInstance', delay: 3 })
    const abort = new AbortController()
    const work = failureOf(reset({ signal: abort.signal }))
    await expect.poll(sent, { timeout: 5000, interval: 20 }).toHaveLength(1)
    abort.abort()
    expect(await work).toMatchObject({
      kind: 'interrupted',
      message: expect.stringContaining('not known'),
      hint: expect.stringContaining('PROD_CONNECTION_URL_RESET'),
    })
    expect(kept()['PROD_CONNECTION_URL']).toBe(OLD)
    expect(passwordIn('PROD_CONNECTION_URL_RESET')).toBe((await sent())[0])
  })

  test('but not because of a Ctrl-C before it was asked', async () => {
    keep({ PROD_CONNECTION_URL: OLD })
    const abort = new AbortController()
    const confirm = async () => {
      abort.abort()
      return ID
    }
    expect(await failureOf(reset({ signal: abort.signal, confirm }))).toMatchObject({ kind: 'interrupted' })
    expect(await changes()).toEqual([])
    expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD })
  })
})

describe('where Secrets Manager is to keep it', () => {
  test('it makes one, then others; .env has none any longer', async () => {
    keep({ PROD_CONNECTION_URL: OLD })
    expect(await reset({ managed: true })).toMatchObject({
      mode: 'manage',
      secretArn: expect.stringContaining(':secret:rds!db'),
      kept: { variable: 'PROD_CONNECTION_URL' },
    })
    expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace(':old', '') })
    expect(await reset()).toMatchObject({ mode: 'rotate', kept: undefined })
    expect(await reset({ managed: true })).toMatchObject({ mode: 'rotate' })
    expect((await changes()).map(({ params }) => params)).toMatchObject([
      { ManageMasterUserPassword: 'true', ApplyImmediately: 'true' },
      { RotateMasterUserPassword: 'true', ApplyImmediately: 'true' },
      { RotateMasterUserPassword: 'true', ApplyImmediately: 'true' },
    ])
    expect(await sent()).toEqual([undefined, undefined, undefined])
  })

  test('of a cluster, too', async () => {
    await makeCluster(emulator, 'cruddur-aurora')
    const given = { id: 'cruddur-aurora', confirm: 'cruddur-aurora' }
    expect(await reset({ ...given, managed: true })).toMatchObject({ secretArn: expect.any(String) })
    expect(await reset(given)).toMatchObject({ mode: 'rotate' })
  })

  test('the URL of another database, or user, stays as it is', async () => {
    const url = OLD.replace('cruddurroot', 'app')
    keep({ PROD_CONNECTION_URL: url })
    expect(await reset({ managed: true })).toMatchObject({ kept: undefined })
    expect(kept()).toEqual({ PROD_CONNECTION_URL: url })
  })

  test('one that is given cannot be set', async () => {
    await reset({ managed: true })
    expect(await failureOf(reset({ password: 'long-enough' }))).toMatchObject({ code: 'PASSWORD_MANAGED' })
  })

  test('a refusal leaves .env as it was', async () => {
    keep({ PROD_CONNECTION_URL: OLD })
    await emulator.fault({ action: 'ModifyDBInstance', error: 'AccessDenied' })
    expect(await failureOf(reset({ managed: true }))).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD })
  })
})

test('a page of a proxy is no answer: both URLs are kept until AWS has said what holds', async () => {
  keep({ PROD_CONNECTION_URL: OLD })
  const page = { 'content-type': 'text/html', 'x-amzn-requestid': '' }
  await emulator.fault({
    action: 'ModifyDBInstance',
    rewrite: [[String.raw`\A[\s\S]*\Z`, '<html>Log in</html>']],
    headers: page,
  })
  const failure = await failureOf(reset())
  expect(failure).toMatchObject({ code: 'RESET_UNKNOWN', kind: 'unreachable' })
  expect(kept()['PROD_CONNECTION_URL']).toBe(OLD)
  const waiting = passwordIn('PROD_CONNECTION_URL_RESET')
  expect(await sent()).toEqual([waiting])
})
