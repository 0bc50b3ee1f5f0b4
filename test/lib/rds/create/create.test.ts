import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { type DBInstance, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { envUrlFile } from '../../../../src/lib/config/env-url-file.ts'
import { type CreateOptions, createInstance } from '../../../../src/lib/rds/create/create.ts'
import { checkCreateInput, type CreateWish } from '../../../../src/lib/rds/create/create-input.ts'
import type { CreatePlan } from '../../../../src/lib/rds/create/create-plan.ts'
import { parseConnectionUrl } from '../../../../src/lib/target/connection-url.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Making instances, against an emulator of AWS whose answers are delayed by rewriting them. What counts is what the emulator
// holds afterwards, and what stands in the file.

const ID = 'my-app-db'
const REST = '# Settings\nAPP_NAME="my app"   # kept\n'
const HOST = `${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com`

let emulator: AwsEmulator
let folder: string
let env: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  folder = mkdtempSync(join(tmpdir(), 'cruddur-create-'))
  env = join(folder, '.env')
  writeFileSync(env, REST)
  chmodSync(env, 0o644)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Given = Partial<Omit<CreateOptions, 'input'>> & { wish?: CreateWish }

function create({ wish = {}, ...more }: Given = {}) {
  const input = checkCreateInput(wish, {
    project: 'my_app',
    region: 'eu-central-1',
    now: new Date('2026-11-21'),
    givenPassword: more.password,
  })
  return createInstance({
    aws: testAwsSession(emulator),
    input,
    file: envUrlFile(env),
    confirm: () => Promise.resolve(true),
    pace: () => 10,
    ...more,
  })
}

async function instances(): Promise<DBInstance[]> {
  const client = new RDSClient(testAwsSession(emulator).clientOptions)
  try {
    return (await client.send(new DescribeDBInstancesCommand({}))).DBInstances ?? []
  } finally {
    client.destroy()
  }
}

const requests = async () => (await emulator.calls()).filter(({ action }) => action === 'CreateDBInstance')

/** What was sent with the one request. */
const sent = async () => (await requests())[0]?.params ?? {}

const written = () => readFileSync(env, 'utf8')
const valueOf = (name: string) => parseEnv(written())[name]
const url = () => valueOf('PROD_CONNECTION_URL')
const pending = () => valueOf('PROD_CONNECTION_URL_PENDING')

/** That the file is as it was, with the one line more. */
function expectOneLineMore(): void {
  expect(written().slice(0, REST.length)).toBe(REST)
  expect(written().slice(REST.length)).toMatch(/^PROD_CONNECTION_URL=.+\n$/)
}

/** Makes the next looks see a new instance: without a host name, and not yet available. */
const seeCreating = (times: number, after = 0) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [
      ['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<'],
      ['<Endpoint>[\\s\\S]*?</Endpoint>', ''],
    ],
  })

/** Milliseconds are no good for a look before there is anything to see. */
const until = (condition: () => boolean | Promise<boolean>) => expect.poll(condition).toBe(true)

test('the defaults are those of a careful person', async () => {
  const result = await create()
  expect(result).toMatchObject({
    id: ID,
    kind: 'instance',
    status: 'available',
    created: true,
    urlIs: 'written',
    url: `postgres://my_approot:********@${HOST}:5432/my_app?sslmode=verify-full`,
    drift: [],
    plan: { cost: { running: expect.any(Number), stopped: expect.any(Number) } },
  })
  expect(await sent()).toMatchObject({
    DBInstanceIdentifier: ID,
    Engine: 'postgres',
    EngineVersion: '17',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: '20',
    StorageType: 'gp3',
    StorageEncrypted: 'true',
    PubliclyAccessible: 'true',
    CopyTagsToSnapshot: 'true',
    DeletionProtection: 'false',
    BackupRetentionPeriod: '1',
    MultiAZ: 'false',
    Port: '5432',
    DBName: 'my_app',
    MasterUsername: 'my_approot',
  })
  const [made] = await instances()
  expect(Object.fromEntries((made?.TagList ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
    'cruddur:project': 'my_app',
    'cruddur:owner': 'moto',
    'cruddur:created-by': 'cruddur',
    'cruddur:request': expect.stringMatching(/^[0-9a-f]{12}$/),
  })
})

test('what is asked for is what is made', async () => {
  const group = 'sg-0123456789abcdef0'
  await create({
    wish: {
      identifier: 'Other-DB',
      class: 'db.m6g.large',
      storage: '400',
      'storage-type': 'io1',
      'engine-version': '18',
      port: '6543',
      database: 'shop',
      user: 'boss',
      zone: 'eu-central-1b',
      'backup-days': '7',
      group: [group],
      public: false,
      prod: true,
    },
  })
  const [made] = await instances()
  expect(made).toMatchObject({
    DBInstanceIdentifier: 'other-db',
    DBInstanceClass: 'db.m6g.large',
    AllocatedStorage: 400,
    StorageType: 'io1',
    Iops: 1000,
    EngineVersion: '18',
    DBName: 'shop',
    MasterUsername: 'boss',
    AvailabilityZone: 'eu-central-1b',
    BackupRetentionPeriod: 7,
    PubliclyAccessible: false,
    DeletionProtection: true,
    StorageEncrypted: true,
  })
  expect(await sent()).toMatchObject({ 'VpcSecurityGroupIds.VpcSecurityGroupId.1': group })
  expect(url()).toContain(':6543/shop?sslmode=verify-full')
})

test('a name that is no value of a tag is changed into one', async () => {
  await emulator.fault({
    action: 'GetCallerIdentity',
    rewrite: [['<Arn>[^<]*</Arn>', '<Arn>arn:aws:sts::1:assumed-role/Dev/ana,jo\u00e9@example.com</Arn>']],
  })
  await create()
  const [made] = await instances()
  expect(made?.TagList).toContainEqual({ Key: 'cruddur:owner', Value: 'ana_jo\u00e9@example.com' })
})

describe('the login', () => {
  test('a password is made up, sent once, and stands in the file and nowhere else', async () => {
    const secrets: string[] = []
    const told: unknown[] = []
    const result = await create({
      onSecret: (secret) => secrets.push(secret),
      onProgress: (event) => told.push(event),
    })
    const password = parseConnectionUrl(url() ?? '').password ?? ''
    expect(password).toMatch(/^[\w.~-]{32}$/)
    expect(await sent()).toMatchObject({ MasterUserPassword: password })
    expect((await emulator.calls()).filter((call) => JSON.stringify(call).includes(password))).toHaveLength(1)
    expect(new Set(secrets)).toEqual(new Set([password]))
    expect(JSON.stringify([result, told])).not.toContain(password)
    expectOneLineMore()
    expect(statSync(env).mode & 0o777).toBe(0o600)
  })

  test('a password that was given is percent-encoded', async () => {
    await create({ wish: { password: 'stdin' }, password: 'a#b?c%d:e&f=g' })
    expect(await sent()).toMatchObject({ MasterUserPassword: 'a#b?c%d:e&f=g' })
    expect(url()).toContain(':a%23b%3Fc%25d%3Ae%26f%3Dg@')
    expect(parseConnectionUrl(url() ?? '')).toMatchObject({
      password: 'a#b?c%d:e&f=g',
      sslMode: 'verify-full',
    })
  })

  test('a managed one is warned of before, and never in the file', async () => {
    const order: string[] = []
    const result = await create({
      wish: { password: 'managed' },
      onProgress: (event) => event.type === 'note' && order.push(event.text),
      confirm: () => Promise.resolve(order.push('asked') > 0),
    })
    expect(order.slice(0, 2)).toEqual([
      expect.stringContaining('changes a managed password every 7 days'),
      'asked',
    ])
    expect(result.warnings).toContain(order[0])
    const [made] = await instances()
    expect(made?.MasterUserSecret?.SecretArn).toContain('secret')
    expect(await sent()).toMatchObject({ ManageMasterUserPassword: 'true' })
    expect(await sent()).not.toHaveProperty('MasterUserPassword')
    expect(written()).toBe(
      `${REST}PROD_CONNECTION_URL=postgres://my_approot@${HOST}:5432/my_app?sslmode=verify-full\n`,
    )
  })

  test('IAM is without any password', async () => {
    await create({ wish: { auth: 'iam' } })
    expect(await sent()).toMatchObject({
      MasterUserAuthenticationType: 'iam-db-auth',
      EnableIAMDatabaseAuthentication: 'true',
    })
    expect(await sent()).not.toHaveProperty('MasterUserPassword')
    expect(url()).toBe(`postgres://my_approot@${HOST}:5432/my_app?sslmode=verify-full`)
    // RDS does not tell afterwards: the tag does.
    expect(await create()).toMatchObject({ created: false, urlIs: 'there', drift: [] })
  })
})

describe('before anything is made', () => {
  test('the plan is confirmed, or nothing happens', async () => {
    let shown: CreatePlan | undefined
    const error = await failureOf(
      create({
        confirm: (plan) => {
          shown = plan
          return Promise.resolve(false)
        },
      }),
    )
    expect(error).toMatchObject({ code: 'NOT_CONFIRMED', kind: 'refused' })
    // By the price table of the day: 0.016 $/h, 0.115 $/GB, 0.005 $/h for the address.
    expect(shown).toMatchObject({ database: { id: ID }, cost: { running: 17.63, stopped: 2.3 } })
    expect(await requests()).toEqual([])
    expect(written()).toBe(REST)
    expect(await failureOf(create({ confirm: undefined }))).toMatchObject({ code: 'NOT_CONFIRMED' })
  })

  test('a dry run only looks', async () => {
    expect(await create({ dryRun: true })).toMatchObject({
      created: true,
      dryRun: true,
      status: undefined,
      plan: { database: { id: ID } },
    })
    const changing = (await emulator.calls()).filter(({ action }) => !action.startsWith('Describe'))
    expect(changing).toEqual([])
    expect(written()).toBe(REST)
    await create()
    expect(await create({ dryRun: true })).toMatchObject({ created: false, status: 'available' })
  })

  test('a file that cannot be written is known before any call', async () => {
    chmodSync(env, 0o400)
    expect(await failureOf(create())).toMatchObject({ code: 'ENV_FILE_NOT_WRITABLE' })
    expect(await emulator.calls()).toEqual([])
  })

  test.each([
    ['another database', 'postgres://me:s3cret@db.example.com/app', 'that of db.example.com'],
    [
      'another instance',
      'postgres://me:s3cret@other.c0ffee.eu-central-1.rds.amazonaws.com/app',
      'that of other.',
    ],
    ['another region', `postgres://me:s3cret@${ID}.c0ffee.us-east-1.rds.amazonaws.com/app`, 'us-east-1'],
    ['nobody knows what', 'postgres://me:s3cret@a@b/app', 'not a URL that can be read'],
  ])('the URL of %s is not overwritten, but with --force', async (_, present, said) => {
    const text = `${REST}PROD_CONNECTION_URL=${present}\n`
    writeFileSync(env, text)
    const error = await failureOf(create())
    expect(error).toMatchObject({ code: 'ENV_URL_TAKEN', kind: 'refused' })
    expect(error.message).toContain(said)
    expect(JSON.stringify([error.message, error.details])).not.toContain('s3cret')
    expect(await emulator.calls()).toEqual([])
    expect(written()).toBe(text)
    await create({ force: true })
    expect(url()).toContain(HOST)
  })

  test('the URL of an earlier instance of the name is replaced', async () => {
    writeFileSync(env, `PROD_CONNECTION_URL=postgres://me:old@${HOST}/app\n`)
    await create()
    expect(url()).toMatch(
      new RegExp(`^postgres://my_approot:.{32}@${HOST}:5432/my_app\\?sslmode=verify-full$`),
    )
  })
})

describe('while AWS works', () => {
  test('the statuses are told as they come', async () => {
    const texts: string[] = []
    await seeCreating(3, 1)
    await create({ onProgress: (event) => event.type === 'note' && texts.push(event.text) })
    expect(texts).toEqual([
      'RDS takes 5 to 10 minutes for a new instance.',
      expect.stringMatching(`^${ID} is creating \\(after .+\\)$`),
      expect.stringMatching(`^${ID} is available \\(after .+\\)$`),
    ])
  })

  test('an instance that is not there yet is waited for', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      error: 'DBInstanceNotFound',
      status: 404,
      times: 2,
      after: 1,
    })
    expect(await create()).toMatchObject({ status: 'available', created: true, urlIs: 'written' })
  })

  test('the password is in the file before it is sent', async () => {
    await emulator.fault({ action: 'CreateDBInstance', delay: 2 })
    const creating = create()
    await until(async () => (await requests()).length > 0)
    const { password, host } = parseConnectionUrl(pending() ?? '')
    expect(host).toMatch(/^my-app-db\.[0-9a-f]{12}\.eu-central-1\.rds\.invalid$/)
    expect(await sent()).toMatchObject({ MasterUserPassword: password })
    expect(statSync(env).mode & 0o777).toBe(0o600)
    await creating
    expect(pending()).toBeUndefined()
    expect(url()).toContain(`:${password}@${HOST}`)
  })

  test('without waiting, the next run finishes', async () => {
    await seeCreating(2, 1)
    const first = await create({ wait: false })
    expect(first).toMatchObject({
      status: 'creating',
      created: true,
      urlIs: 'pending',
      url: undefined,
      resume: `cruddur rds create ${ID} --region eu-central-1`,
    })
    const { password } = parseConnectionUrl(pending() ?? '')
    expect(await create({ wait: false })).toMatchObject({ created: false, urlIs: 'pending' })
    const last = await create({ confirm: undefined })
    expect(last).toMatchObject({ status: 'available', created: false, urlIs: 'written', plan: undefined })
    expectOneLineMore()
    expect(url()).toContain(`:${password}@${HOST}`)
    expect(await requests()).toHaveLength(1)
  })

  test('it takes too long: the next run finishes', async () => {
    await seeCreating(-1, 1)
    const error = await failureOf(create({ timeout: 200 }))
    expect(error).toMatchObject({ code: 'AWS_TIMEOUT', kind: 'unreachable' })
    expect(error.hint).toContain(`cruddur rds create ${ID} --region eu-central-1`)
    expect(pending()).toBeDefined()
  })

  test('Ctrl-C while it waits: AWS goes on, and the next run finishes', async () => {
    await seeCreating(1, 1)
    const abort = new AbortController()
    const failure = failureOf(create({ signal: abort.signal, pace: () => 60_000 }))
    await until(
      async () =>
        (await emulator.calls()).at(-1)?.action === 'DescribeDBInstances' && (await requests()).length > 0,
    )
    abort.abort()
    expect(await failure).toMatchObject({
      kind: 'interrupted',
      message: 'Interrupted; AWS goes on by itself.',
      hint: `To wait on: cruddur rds create ${ID} --region eu-central-1`,
    })
    const { password } = parseConnectionUrl(pending() ?? '')
    await create()
    expect(url()).toContain(`:${password}@${HOST}`)
  })

  test('Ctrl-C while it asks: what was sent is kept, and is the password if RDS has begun', async () => {
    await emulator.fault({ action: 'CreateDBInstance', delay: 3 })
    const abort = new AbortController()
    const failure = failureOf(create({ signal: abort.signal }))
    await until(async () => (await requests()).length > 0)
    abort.abort()
    const error = await failure
    expect(error).toMatchObject({
      kind: 'interrupted',
      message: 'Interrupted; whether RDS has begun is not known.',
    })
    expect(error.hint).toContain(`cruddur rds create ${ID}`)
    const { password } = parseConnectionUrl(pending() ?? '')
    await until(async () => (await instances()).length === 1)
    expect(await create()).toMatchObject({ created: false, urlIs: 'written' })
    expect(url()).toContain(`:${password}@${HOST}`)
    expect(await requests()).toHaveLength(1)
  })

  test('the answer is lost after it took effect: the second try finds it', async () => {
    await emulator.fault({ action: 'CreateDBInstance', dropAfter: true })
    expect(await create()).toMatchObject({ created: true, urlIs: 'written' })
    expect(await requests()).toHaveLength(2)
    expect(await sent()).toMatchObject({ MasterUserPassword: parseConnectionUrl(url() ?? '').password })
  })

  test('no answer ever: the password is kept, and the next run sends the same', async () => {
    await emulator.fault({ action: 'CreateDBInstance', drop: true, times: 4 })
    const error = await failureOf(create())
    expect(error).toMatchObject({ code: 'AWS_UNREACHABLE', kind: 'unreachable' })
    expect(error.message).toContain('Whether RDS has begun is not known.')
    const { password } = parseConnectionUrl(pending() ?? '')
    expect(await create()).toMatchObject({ created: true, urlIs: 'written' })
    expect(url()).toContain(`:${password}@${HOST}`)
    expect((await requests()).at(-1)?.params).toMatchObject({ MasterUserPassword: password })
  })

  test('no answer ever, and then somebody else makes one: what was sent is not its password', async () => {
    await emulator.fault({ action: 'CreateDBInstance', drop: true, times: 4 })
    await failureOf(create())
    const kept = pending()
    await makeInstance(emulator, ID)
    expect(await create()).toMatchObject({ created: false, urlIs: 'unknown' })
    expect(url()).toBeUndefined()
    expect(pending()).toBe(kept)
  })

  test('what is pending of another database is not overwritten, but with --force', async () => {
    await emulator.fault({ action: 'CreateDBInstance', drop: true, times: 4 })
    await failureOf(create({ wish: { identifier: 'first-db' } }))
    const kept = pending()
    const calls = (await emulator.calls()).length
    const error = await failureOf(create())
    expect(error).toMatchObject({ code: 'ENV_URL_TAKEN', kind: 'refused' })
    expect(error.hint).toContain('cruddur rds create first-db --region eu-central-1')
    expect(await emulator.calls()).toHaveLength(calls)
    expect(pending()).toBe(kept)
    await create({ force: true })
    expectOneLineMore()
  })

  test('requests that are limited are repeated', async () => {
    await emulator.fault({ action: 'CreateDBInstance', error: 'Throttling', times: 2 })
    await emulator.fault({ action: 'DescribeDBInstances', error: 'Throttling', times: 2 })
    expect(await create()).toMatchObject({ created: true, urlIs: 'written' })
  })

  test.each(['failed', 'incompatible-network', 'insufficient-capacity'])('%s', async (status) => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      after: 1,
      times: -1,
      rewrite: [['<DBInstanceStatus>available<', `<DBInstanceStatus>${status}<`]],
    })
    expect(await failureOf(create())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
    expect(await failureOf(create({ wait: false }))).toMatchObject({ code: 'INSTANCE_BROKEN' })
  })
})

describe('one that is there', () => {
  beforeEach(() => makeInstance(emulator, ID))

  test('is a success that changes nothing', async () => {
    expect(await create({ confirm: undefined })).toMatchObject({
      created: false,
      status: 'available',
      // Whose password nobody here knows.
      urlIs: 'unknown',
      url: `postgres://cruddurroot@${HOST}:5432/postgres?sslmode=verify-full`,
      drift: [],
    })
    expect(await requests()).toHaveLength(1)
    expect(written()).toBe(REST)
  })

  test("the URL that leads there is its user's own and stays", async () => {
    const text = `PROD_CONNECTION_URL=postgres://app:other@${HOST}/shop?application_name=x\n`
    writeFileSync(env, text)
    expect(await create()).toMatchObject({ urlIs: 'there' })
    expect(written()).toBe(text)
  })

  test('in what it differs from what was asked for is told', async () => {
    const wish = { class: 'db.t4g.small', storage: '20', prod: true, password: 'managed', public: false }
    expect(await create({ wish })).toMatchObject({
      created: false,
      drift: [
        { input: 'class', asked: 'db.t4g.small', found: 'db.t4g.micro' },
        { input: 'prod', asked: 'true', found: 'false' },
        { input: 'password', asked: 'managed', found: 'password' },
      ],
    })
  })

  test('and stopped is not waited for', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      times: -1,
      rewrite: [['<DBInstanceStatus>available<', '<DBInstanceStatus>stopped<']],
    })
    expect(await create()).toMatchObject({ status: 'stopped', created: false })
  })

  test.each([
    ['is being deleted', '<DBInstanceStatus>available<', '<DBInstanceStatus>deleting<', 'INSTANCE_BUSY'],
    ['is of another engine', '<Engine>postgres<', '<Engine>mysql<', 'IDENTIFIER_TAKEN'],
    [
      'belongs to Aurora',
      '</DBInstanceStatus>',
      '</DBInstanceStatus><DBClusterIdentifier>big</DBClusterIdentifier>',
      'IDENTIFIER_TAKEN',
    ],
  ])('and %s is another matter', async (_, pattern, replacement, code) => {
    await emulator.fault({ action: 'DescribeDBInstances', times: -1, rewrite: [[pattern, replacement]] })
    expect(await failureOf(create())).toMatchObject({ code })
  })

  test('made by somebody else at the same moment: its password is not ours', async () => {
    await emulator.fault({ action: 'DescribeDBInstances', error: 'DBInstanceNotFound', status: 404 })
    expect(await create()).toMatchObject({ created: false, urlIs: 'unknown' })
    expect(written()).toBe(REST)
  })
})

describe('what AWS refuses', () => {
  test.each([
    [
      'FreeTierRestrictionError',
      "This instance size isn't available with free plan accounts.",
      'FREE_PLAN',
      'db.t4g.micro',
    ],
    [
      'FreeTierRestrictionError',
      'The specified backup retention period exceeds the maximum',
      'FREE_PLAN',
      '--backup-days',
    ],
    ['InstanceQuotaExceeded', '', 'QUOTA_REACHED', 'Service Quotas'],
    ['StorageQuotaExceeded', '', 'QUOTA_REACHED', '--storage'],
    ['InsufficientDBInstanceCapacity', '', 'NO_CAPACITY', '--zone'],
    ['InvalidVPCNetworkStateFault', '', 'NETWORK_UNFIT', '--no-public'],
    ['DBSubnetGroupNotFoundFault', '', 'SUBNET_GROUP_UNFIT', 'describe-db-subnet-groups'],
    ['StorageTypeNotSupported', '', 'STORAGE_UNFIT', 'gp3'],
    ['KMSKeyNotAccessibleFault', '', 'KEY_UNFIT', 'kms:DescribeKey'],
    [
      'InvalidParameterCombination',
      'Cannot find version 17 for postgres',
      'CREATE_REFUSED',
      '--engine-version',
    ],
    ['InvalidParameterValue', 'Invalid security group , groupId= sg-1', 'CREATE_REFUSED', '--group'],
    [
      'InvalidParameterCombination',
      'RDS does not support creating a DB instance with …',
      'CREATE_REFUSED',
      '--class',
    ],
    ['InvalidParameterValue', 'The parameter X is wrong', 'CREATE_REFUSED', '--help'],
    ['AccessDenied', '', 'AWS_NOT_ALLOWED', 'for rds:CreateDBInstance.'],
    ['ExpiredToken', '', 'AWS_LOGIN_EXPIRED', 'aws sso login'],
    ['SomethingNew', 'as yet unknown', 'AWS_ERROR', undefined],
  ])('%s: %s', async (error, message, code, hint) => {
    await emulator.fault({ action: 'CreateDBInstance', error, message })
    const failure = await failureOf(create())
    expect(failure).toMatchObject({ code, kind: 'failed', details: { region: 'eu-central-1' } })
    if (hint !== undefined) expect(failure.hint).toContain(hint)
    expect(failure.message).toContain('eu-central-1')
    if (message !== '') expect(failure.message).toContain(message.replace(/\.$/, ''))
    // Nothing was made, so there is no password to keep.
    expect(written()).toBe(REST)
  })

  test('a permission besides that to create: it is the one that is named', async () => {
    const message =
      'User: arn:aws:iam::1:user/me is not authorized to perform: kms:DescribeKey on resource: *'
    await emulator.fault({ action: 'CreateDBInstance', error: 'AccessDenied', status: 403, message })
    const error = await failureOf(create({ wish: { password: 'managed' } }))
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED', details: { missing: 'kms:DescribeKey' } })
    expect(error.hint).toContain('Ask whoever administers the account for kms:DescribeKey.')
    expect(error.context).toContain('rds:CreateDBInstance')
  })
})
