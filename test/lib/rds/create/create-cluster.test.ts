import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { DescribeDBClustersCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fromTags } from '../../../../src/lib/aws/tags.ts'
import { envUrlFile } from '../../../../src/lib/config/env-url-file.ts'
import { type CreateOptions, createInstance } from '../../../../src/lib/rds/create/create.ts'
import { checkCreateInput, type CreateWish } from '../../../../src/lib/rds/create/create-input.ts'
import { parseConnectionUrl } from '../../../../src/lib/target/connection-url.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Making clusters of Aurora, against an emulator of AWS: what it holds afterwards, and what stands in the file.

const ID = 'my-app-db'
const FIRST = `${ID}-1`
const HOST = /^my-app-db\.cluster-[a-z0-9]{12}\.eu-central-1\.rds\.amazonaws\.com$/

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
  writeFileSync(env, 'APP_NAME=x\n')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Given = Partial<Omit<CreateOptions, 'input'>> & { wish?: CreateWish }

const create = ({ wish = {}, ...more }: Given = {}) =>
  createInstance({
    aws: testAwsSession(emulator),
    input: checkCreateInput(
      { aurora: true, ...wish },
      {
        project: 'my_app',
        region: 'eu-central-1',
        now: new Date('2026-11-21'),
        givenPassword: more.password,
      },
    ),
    file: envUrlFile(env),
    confirm: () => Promise.resolve(true),
    pace: () => 10,
    ...more,
  })

/** What the emulator holds: its one cluster, if there is one, and its instances. */
async function held() {
  const client = new RDSClient(testAwsSession(emulator).clientOptions)
  try {
    const { DBClusters: clusters = [] } = await client.send(new DescribeDBClustersCommand({}))
    const { DBInstances: instances = [] } = await client.send(new DescribeDBInstancesCommand({}))
    return { cluster: clusters[0], clusters, instances }
  } finally {
    client.destroy()
  }
}

const valueOf = (name: string) => parseEnv(readFileSync(env, 'utf8'))[name]
const url = () => parseConnectionUrl(valueOf('PROD_CONNECTION_URL') ?? '')
const pending = () => valueOf('PROD_CONNECTION_URL_PENDING')

/** The calls that change something, in their order. */
const changes = async () =>
  (await emulator.calls()).map(({ action }) => action).filter((action) => !/^(Describe|Get)/.test(action))

/** What was sent with the last call of an action. */
const sent = async (action: string) =>
  (await emulator.calls()).findLast((call) => call.action === action)?.params ?? {}

test('the cluster pauses, has one instance, and its URL leads to the cluster', async () => {
  const result = await create()
  expect(result).toMatchObject({
    id: ID,
    kind: 'cluster',
    status: 'available',
    created: true,
    endpoint: { host: expect.stringMatching(HOST), port: 5432 },
    urlIs: 'written',
    url: expect.stringMatching(/^postgres:\/\/my_approot:\*{8}@my-app-db\.cluster-.*&connect_timeout=40$/),
    drift: [],
  })
  expect(await changes()).toEqual(['CreateDBCluster', 'CreateDBInstance'])
  expect(await sent('CreateDBCluster')).toMatchObject({
    DBClusterIdentifier: ID,
    Engine: 'aurora-postgresql',
    EngineVersion: '17',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    'ServerlessV2ScalingConfiguration.MinCapacity': '0',
    'ServerlessV2ScalingConfiguration.MaxCapacity': '2',
    'ServerlessV2ScalingConfiguration.SecondsUntilAutoPause': '300',
    StorageEncrypted: 'true',
    CopyTagsToSnapshot: 'true',
    DeletionProtection: 'false',
    BackupRetentionPeriod: '1',
    Port: '5432',
    DatabaseName: 'my_app',
    MasterUsername: 'my_approot',
    MasterUserPassword: url().password,
  })
  const { cluster, instances } = await held()
  expect(cluster?.DBClusterMembers).toMatchObject([{ DBInstanceIdentifier: FIRST, IsClusterWriter: true }])
  expect(instances).toMatchObject([
    { DBInstanceIdentifier: FIRST, DBInstanceClass: 'db.serverless', PubliclyAccessible: true },
  ])
  const shared = { 'cruddur:project': 'my_app', 'cruddur:owner': 'moto', 'cruddur:created-by': 'cruddur' }
  expect(fromTags(cluster?.TagList)).toEqual({ ...shared, 'cruddur:request': expect.any(String) })
  expect(fromTags(instances[0]?.TagList)).toEqual(shared)
  expect(url()).toMatchObject({
    host: cluster?.Endpoint,
    password: expect.stringMatching(/^[\w.~-]{32}$/),
    database: 'my_app',
    sslMode: 'verify-full',
    connectTimeout: 40_000,
  })
})

test('what belongs to the cluster is not sent for its instance', async () => {
  await create()
  expect(
    Object.keys(await sent('CreateDBInstance'))
      .filter((name) => !name.startsWith('Tags.'))
      .toSorted(),
  ).toEqual([
    'Action',
    'AutoMinorVersionUpgrade',
    'DBClusterIdentifier',
    'DBInstanceClass',
    'DBInstanceIdentifier',
    'Engine',
    'PubliclyAccessible',
    'Version',
  ])
})

test('what is asked for is what is made', async () => {
  await create({
    wish: {
      identifier: 'Shop',
      'min-acu': '0.5',
      'max-acu': '8',
      'engine-version': '16',
      port: '6543',
      database: 'shop',
      user: 'boss',
      'backup-days': '7',
      group: ['sg-0123456789abcdef0'],
      public: false,
      prod: true,
    },
  })
  const { cluster, instances } = await held()
  expect(cluster).toMatchObject({
    DBClusterIdentifier: 'shop',
    EngineVersion: '16',
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
    Port: 6543,
    DatabaseName: 'shop',
    MasterUsername: 'boss',
    BackupRetentionPeriod: 7,
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0123456789abcdef0' }],
    DeletionProtection: true,
    StorageEncrypted: true,
  })
  expect(instances).toMatchObject([{ DBInstanceIdentifier: 'shop-1', PubliclyAccessible: false }])
  expect(await sent('CreateDBCluster')).not.toHaveProperty(
    'ServerlessV2ScalingConfiguration.SecondsUntilAutoPause',
  )
  // It never pauses, so that nobody has to wait.
  expect(url()).toMatchObject({ port: 6543, connectTimeout: undefined })
})

test.each([
  ['managed', { password: 'managed' }, { ManageMasterUserPassword: 'true' }],
  [
    'iam',
    { auth: 'iam' },
    { MasterUserAuthenticationType: 'iam-db-auth', EnableIAMDatabaseAuthentication: 'true' },
  ],
])('with the login %s no password is sent, nor written', async (login, wish, parameters) => {
  await create({ wish })
  const params = await sent('CreateDBCluster')
  expect(params).toMatchObject(parameters)
  expect(params).not.toHaveProperty('MasterUserPassword')
  expect(url()).toMatchObject({ user: 'my_approot', password: undefined, connectTimeout: 40_000 })
  expect(fromTags((await held()).cluster?.TagList)['cruddur:login']).toBe(login === 'iam' ? 'iam' : undefined)
})

test('it is waited for the instance and for the cluster, and their statuses are told', async () => {
  const seeInstance = (status: string, times: number) =>
    emulator.fault({
      action: 'DescribeDBInstances',
      times,
      // What looks whether the names are free, and for the cluster, sees none yet.
      after: 4,
      rewrite: [['<DBInstanceStatus>available<', `<DBInstanceStatus>${status}<`]],
    })
  await seeInstance('creating', 2)
  await seeInstance('configuring-enhanced-monitoring', 1)
  await emulator.fault({
    action: 'DescribeDBClusters',
    times: 1,
    after: 3,
    rewrite: [['<Status>available<', '<Status>modifying<']],
  })
  const texts: string[] = []
  await create({ onProgress: (event) => void (event.type === 'note' && texts.push(event.text)) })
  expect(
    texts.map((text) => text.replace(/ \(after .*\)$/, '')).filter((text) => text.includes(' is ')),
  ).toEqual([
    `${FIRST} is creating`,
    `${FIRST} is configuring-enhanced-monitoring`,
    `${FIRST} is available`,
    `${ID} is modifying`,
    `${ID} is available`,
  ])
})

test('without waiting, the instance has been asked for all the same', async () => {
  await emulator.fault({
    action: 'DescribeDBInstances',
    times: -1,
    rewrite: [['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<']],
  })
  const result = await create({ wait: false })
  expect(result).toMatchObject({ created: true, status: 'creating', urlIs: 'pending' })
  expect(result.resume).toBe(`cruddur rds create ${ID} --aurora --region eu-central-1`)
  expect(await changes()).toEqual(['CreateDBCluster', 'CreateDBInstance'])
})

test('RDS takes the instance only after a while', async () => {
  await emulator.fault({ action: 'CreateDBInstance', error: 'InvalidDBClusterStateFault', times: 2 })
  expect(await create()).toMatchObject({ status: 'available', created: true })
  expect(await changes()).toEqual([
    'CreateDBCluster',
    'CreateDBInstance',
    'CreateDBInstance',
    'CreateDBInstance',
  ])
})

/** Leaves a cluster without its instance: the run that makes it fails between the two. */
async function leave(wish: CreateWish = {}) {
  await emulator.fault({ action: 'CreateDBInstance', error: 'InsufficientDBInstanceCapacity' })
  return failureOf(create({ wish }))
}

describe('a cluster that was left without its instance', () => {
  test('it is said what there is and how to go on, and the password is kept', async () => {
    const error = await leave()
    expect(error).toMatchObject({
      code: 'NO_CAPACITY',
      context: `The cluster ${ID} is there, without an instance to connect to. To go on: cruddur rds create ${ID} --aurora --region eu-central-1`,
    })
    expect(pending()).toContain(`:${(await sent('CreateDBCluster'))['MasterUserPassword']}@`)
    expect(valueOf('PROD_CONNECTION_URL')).toBeUndefined()
  })

  test('the next run makes the instance, after it was agreed to, and finishes the file', async () => {
    await leave()
    let asked = 0
    const result = await create({
      confirm: (plan) => {
        asked += 1
        return Promise.resolve(plan.database.id === ID)
      },
    })
    expect(result).toMatchObject({ status: 'available', created: false, urlIs: 'written', drift: [] })
    expect(result.warnings).toContain(`${ID} has no instance to connect to; ${FIRST} is made now.`)
    expect(asked).toBe(1)
    const { instances, clusters } = await held()
    expect(clusters).toHaveLength(1)
    expect(instances).toMatchObject([{ DBInstanceIdentifier: FIRST }])
    expect(url().password).toBe((await sent('CreateDBCluster'))['MasterUserPassword'])
    expect(pending()).toBeUndefined()
    expect(await create()).toMatchObject({ created: false, urlIs: 'there' })
    expect(await changes()).toEqual(['CreateDBCluster', 'CreateDBInstance', 'CreateDBInstance'])
  })

  test('or nothing, if it is not agreed to or was only to be told', async () => {
    await leave()
    expect(await failureOf(create({ confirm: () => Promise.resolve(false) }))).toMatchObject({
      code: 'NOT_CONFIRMED',
      message: `Making the Aurora cluster ${ID} was not confirmed; nothing was done.`,
    })
    expect(await create({ dryRun: true })).toMatchObject({ created: false, plan: { database: { id: ID } } })
    expect((await held()).instances).toEqual([])
  })

  test('one that was to be private stays so, whatever the next run is told', async () => {
    await leave({ public: false })
    await create({ wish: { public: true } })
    expect((await held()).instances).toMatchObject([{ PubliclyAccessible: false }])
  })

  test('an instance that RDS does not show in the cluster yet is not made twice', async () => {
    await create()
    await emulator.fault({
      action: 'DescribeDBClusters',
      times: 2,
      rewrite: [['<DBClusterMembers>.*</DBClusterMembers>', '<DBClusterMembers/>']],
    })
    expect(await create()).toMatchObject({ status: 'available', urlIs: 'there' })
    expect((await held()).instances).toHaveLength(1)
  })

  test('Ctrl-C while RDS does not take it: the command that goes on is named, and it does', async () => {
    await emulator.fault({ action: 'CreateDBInstance', error: 'InvalidDBClusterStateFault' })
    const abort = new AbortController()
    const failure = failureOf(create({ signal: abort.signal, pace: () => 60_000 }))
    await expect.poll(changes).toContain('CreateDBInstance')
    abort.abort()
    expect(await failure).toMatchObject({
      kind: 'interrupted',
      message: `Interrupted; the cluster ${ID} may have no instance yet.`,
      hint: `To go on: cruddur rds create ${ID} --aurora --region eu-central-1`,
    })
    expect((await held()).instances).toEqual([])
    expect(await create()).toMatchObject({ status: 'available', urlIs: 'written' })
    expect((await held()).instances).toHaveLength(1)
  })

  test('it takes too long', async () => {
    await emulator.fault({ action: 'CreateDBInstance', error: 'InvalidDBClusterStateFault', times: -1 })
    expect(await failureOf(create({ timeout: 100 }))).toMatchObject({
      code: 'AWS_TIMEOUT',
      hint: expect.stringContaining(`cruddur rds create ${ID} --aurora`),
    })
  })
})

test('one that is there already is a success that tells the differences', async () => {
  await makeCluster(emulator, ID)
  const result = await create({
    wish: { 'min-acu': '1', 'max-acu': '2', 'engine-version': '16', prod: true },
  })
  expect(result).toMatchObject({ created: false, status: 'available', urlIs: 'unknown' })
  expect(result.drift).toEqual([
    { input: 'min-acu', asked: '1', found: '0' },
    { input: 'engine-version', asked: '16', found: '17' },
    { input: 'prod', asked: 'true', found: 'false' },
  ])
  expect(await changes()).toEqual(['CreateDBCluster', 'CreateDBInstance'])
})

test('what RDS refuses leaves nothing behind', async () => {
  await emulator.fault({ action: 'CreateDBCluster', error: 'DBClusterQuotaExceededFault' })
  expect(await failureOf(create())).toMatchObject({
    code: 'QUOTA_REACHED',
    message: expect.stringContaining(
      `as many Aurora clusters as it may have in this region, so ${ID} was not made`,
    ),
  })
  expect(pending()).toBeUndefined()
  expect(await changes()).toEqual(['CreateDBCluster'])
})

test('a permission that the instance needs is named with both resources', async () => {
  await emulator.fault({ action: 'CreateDBInstance', error: 'AccessDenied', status: 403 })
  const error = await failureOf(create())
  expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
  expect(error.context).toContain(`arn:aws:rds:*:*:db:${FIRST}`)
  expect(error.context).toContain(`arn:aws:rds:*:*:cluster:${ID}`)
  expect(error.context).toContain('without an instance to connect to. To go on: cruddur rds create')
})

describe('names that are taken', () => {
  test('by an instance', async () => {
    await makeInstance(emulator, ID)
    expect(await failureOf(create())).toMatchObject({
      code: 'IDENTIFIER_TAKEN',
      message: `${ID} is taken: it is an RDS instance with postgres.`,
    })
  })

  test('by an instance that has the name of the cluster’s', async () => {
    await makeInstance(emulator, FIRST)
    expect(await failureOf(create())).toMatchObject({
      code: 'IDENTIFIER_TAKEN',
      message: `${FIRST} is taken: that is the name of the instance that the cluster ${ID} is to have.`,
    })
    expect((await held()).clusters).toEqual([])
    expect(pending()).toBeUndefined()
  })

  test('by a cluster, where no --aurora was given', async () => {
    await makeCluster(emulator, ID)
    expect(await failureOf(create({ wish: { aurora: undefined } }))).toMatchObject({
      code: 'IDENTIFIER_TAKEN',
      hint: `If it is meant: cruddur rds create ${ID} --aurora --region eu-central-1`,
    })
  })
})

test('a dry run makes nothing and tells what it would cost', async () => {
  const { plan } = await create({ dryRun: true })
  expect(plan).toMatchObject({
    database: { kind: 'cluster', capacity: { min: 0, max: 2, pausesAfter: 300 } },
    // The public address; and two units of $0.12 for 730 hours.
    cost: { running: 3.65, runningMost: 178.85, stopped: 0 },
  })
  expect(await changes()).toEqual([])
})

test('all mistakes are told at once, without a call', async () => {
  const error = await failureOf(
    Promise.resolve().then(() =>
      create({
        wish: {
          identifier: 'a'.repeat(62),
          class: 'db.t4g.micro',
          storage: '20',
          'multi-az': true,
          'min-acu': '0.3',
          'max-acu': '0.5',
          'auto-pause': '1m',
          'backup-days': '0',
          password: 'stdin',
        },
        password: 'a'.repeat(100),
      }),
    ),
  )
  expect(error).toMatchObject({ code: 'CREATE_INVALID', kind: 'usage' })
  expect(error.context?.split('\n')).toEqual([
    `identifier "${'a'.repeat(62)}" has 62 characters; 61 is the most, as its instance is named NAME-1`,
    'class has no meaning with --aurora, which grows and spreads by itself',
    'storage has no meaning with --aurora, which grows and spreads by itself',
    'multi-az has no meaning with --aurora, which grows and spreads by itself',
    'password cannot be taken: it has more than 99 characters',
    'backup-days "0" is not a whole number from 1 to 35 days',
    'min-acu "0.3" is not a number of capacity units from 0 to 256 in steps of 0.5',
    'max-acu "0.5" is not a number of capacity units from 1 to 256 in steps of 0.5',
    'auto-pause "1m" is not a time from 5m to 24h in whole seconds',
  ])
  expect(await emulator.calls()).toEqual([])
})

test.each(['min-acu', 'max-acu', 'auto-pause'] as const)('%s needs --aurora', async (input) => {
  const error = await failureOf(
    Promise.resolve().then(() => create({ wish: { aurora: undefined, [input]: '1' } })),
  )
  expect(error.message).toContain(`${input} has no meaning without --aurora`)
})

test('a lowest capacity above the default of the highest raises that', async () => {
  const { plan } = await create({ wish: { 'min-acu': '4' }, dryRun: true })
  expect(plan).toMatchObject({ database: { capacity: { min: 4, max: 4, pausesAfter: undefined } } })
})
