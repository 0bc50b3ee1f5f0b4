import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createSnapshot,
  type CreateSnapshotOptions,
} from '../../../../src/lib/rds/snapshots/create-snapshot.ts'
import { listSnapshots } from '../../../../src/lib/rds/snapshots/list-snapshots.ts'
import { stopInstance } from '../../../../src/lib/rds/power.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { makeSecurityGroup } from '../../../support/aws/security-group.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Snapshots of instances and clusters, against an emulator of AWS. What is expected is what it holds afterwards.

const INSTANCE = 'cruddur-db'
const NOW = new Date('2026-11-21T09:30:00.123Z')

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, INSTANCE)
})

const aws = () => testAwsSession(emulator)
const take = (more: Partial<CreateSnapshotOptions> = {}) =>
  createSnapshot({ aws: aws(), id: INSTANCE, now: () => NOW, pace: () => 10, ...more })
/** Those that were asked for: the emulator takes others by itself. */
const list = async (id?: string) =>
  (await listSnapshots({ aws: aws(), id })).filter(({ type }) => type === 'manual')
const actions = async () => (await emulator.calls()).map(({ action }) => action)
const asked = async (action: string) => (await actions()).filter((one) => one === action).length

const see = (status: string, times: number, after = 0, insteadOf = 'available') =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [[`<DBInstanceStatus>${insteadOf}<`, `<DBInstanceStatus>${status}<`]],
  })

test('it is named after the database and the time; AWS holds it afterwards', async () => {
  expect(await take()).toMatchObject({
    id: INSTANCE,
    kind: 'instance',
    snapshot: 'cruddur-db-20261121-093000',
    status: 'available',
    changed: true,
    dryRun: false,
  })
  expect(await list()).toMatchObject([
    { name: 'cruddur-db-20261121-093000', databaseId: INSTANCE, type: 'manual', gib: 20, engine: 'postgres' },
  ])
})

test('it has the tags of its database, and remembers where that stands', async () => {
  await emulator.reset()
  const group = await makeSecurityGroup(emulator)
  await makeInstance(emulator, INSTANCE, {
    VpcSecurityGroupIds: [group],
    PubliclyAccessible: true,
    Tags: [
      { Key: 'cruddur:login', Value: 'iam' },
      { Key: 'cruddur:keep-stopped', Value: 'true' },
    ],
  })
  await take()
  const [snapshot] = await list()
  expect(snapshot?.tags).toEqual({
    'cruddur:login': 'iam',
    'cruddur:security-groups': group,
    'cruddur:parameter-group': expect.any(String),
    'cruddur:class': 'db.t4g.micro',
    'cruddur:public': 'yes',
  })
})

test('the same name again is a success that does nothing, also while it is being taken', async () => {
  await take({ name: 'Before-Migration' })
  expect(await take({ name: 'before-migration' })).toMatchObject({ status: 'available', changed: false })
  await emulator.fault({
    action: 'DescribeDBSnapshots',
    times: 2,
    rewrite: [['<Status>available<', '<Status>creating<']],
  })
  expect(await take({ name: 'before-migration' })).toMatchObject({ status: 'available', changed: false })
  expect(await asked('CreateDBSnapshot')).toBe(1)
})

test('how much of it is done is told', async () => {
  const texts: string[] = []
  await emulator.fault({
    action: 'CreateDBSnapshot',
    rewrite: [['<Status>available<', '<Status>creating<']],
  })
  for (const percent of [0, 40])
    await emulator.fault({
      action: 'DescribeDBSnapshots',
      rewrite: [
        [
          '<Status>available</Status>',
          `<Status>creating</Status><PercentProgress>${percent}</PercentProgress>`,
        ],
      ],
    })
  await take({ onProgress: (event) => void (event.type === 'note' && texts.push(event.text)) })
  expect(texts.map((text) => text.replace(/ \(after .*\)$/, ''))).toEqual([
    'cruddur-db-20261121-093000 is creating, 0 % done',
    'cruddur-db-20261121-093000 is creating, 40 % done',
  ])
})

describe('other statuses', () => {
  test.each(['backing-up', 'modifying', 'starting', 'creating'])('%s is waited for', async (status) => {
    await see(status, 2)
    expect(await take()).toMatchObject({ status: 'available', changed: true })
    expect(await actions()).toEqual([
      'CreateDBInstance',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'CreateDBSnapshot',
    ])
  })

  test('storage-optimization is none to wait for', async () => {
    await see('storage-optimization', -1)
    expect(await take()).toMatchObject({ status: 'available' })
  })

  test('without waiting it is refused', async () => {
    await see('backing-up', -1)
    expect(await failureOf(take({ wait: false }))).toMatchObject({ code: 'INSTANCE_BUSY' })
  })

  test('one that is stopped must be started first', async () => {
    await stopInstance({ aws: aws(), id: INSTANCE, pace: () => 10 })
    expect(await failureOf(take())).toMatchObject({
      code: 'INSTANCE_STOPPED',
      hint: `Start it first: cruddur rds start ${INSTANCE}`,
    })
    expect(await failureOf(take({ dryRun: true }))).toMatchObject({ code: 'INSTANCE_STOPPED' })
    expect(await asked('CreateDBSnapshot')).toBe(0)
  })

  test.each(['failed', 'storage-full', 'deleting'])('%s', async (status) => {
    await see(status, -1)
    expect(await failureOf(take())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
  })

  test('a status that has changed between our look and our asking', async () => {
    await emulator.fault({ action: 'CreateDBSnapshot', error: 'InvalidDBInstanceState' })
    expect(await take()).toMatchObject({ status: 'available', changed: true })
    expect(await asked('CreateDBSnapshot')).toBe(2)
  })
})

test('a dry run only looks', async () => {
  expect(await take({ dryRun: true, name: 'x' })).toMatchObject({
    changed: true,
    dryRun: true,
    status: undefined,
  })
  expect(await list()).toEqual([])
  await take({ name: 'x' })
  expect(await take({ dryRun: true, name: 'x' })).toMatchObject({ changed: false, status: 'available' })
})

test('without waiting it says how far it is', async () => {
  await emulator.fault({
    action: 'CreateDBSnapshot',
    rewrite: [['<Status>available<', '<Status>creating<']],
  })
  expect(await take({ wait: false })).toMatchObject({ status: 'creating', changed: true })
})

describe('failures', () => {
  test.each(['1x', 'a--b', 'a-', 'a_b', '', 'a b', `a${'b'.repeat(255)}`])(
    'the name %j, before AWS is asked',
    async (name) => {
      expect(await failureOf(take({ name }))).toMatchObject({ code: 'SNAPSHOT_INVALID', kind: 'usage' })
      expect(await actions()).toEqual(['CreateDBInstance'])
    },
  )

  test('a name that the snapshot of another database has', async () => {
    await makeInstance(emulator, 'other-db')
    await take({ id: 'other-db', name: 'mine' })
    const error = await failureOf(take({ name: 'mine' }))
    expect(error).toMatchObject({ code: 'SNAPSHOT_EXISTS' })
    expect(error.message).toContain('other-db')
    expect(await asked('CreateDBSnapshot')).toBe(1)
  })

  test('too many', async () => {
    await emulator.fault({ action: 'CreateDBSnapshot', error: 'SnapshotQuotaExceeded' })
    expect(await failureOf(take())).toMatchObject({ code: 'SNAPSHOT_QUOTA' })
  })

  test('an answer that is lost on the way: there is one snapshot, and it is ours', async () => {
    await emulator.fault({ action: 'CreateDBSnapshot', dropAfter: true })
    expect(await take()).toMatchObject({ status: 'available', changed: true })
    expect(await list()).toHaveLength(1)
  }, 30_000)

  test('requests that AWS limits are sent again', async () => {
    await emulator.fault({ action: 'CreateDBSnapshot', error: 'Throttling' })
    expect(await take()).toMatchObject({ status: 'available' })
  })

  test('a missing permission names both resources', async () => {
    await emulator.fault({ action: 'CreateDBSnapshot', error: 'AccessDenied', status: 403 })
    const error = await failureOf(take({ name: 'mine' }))
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain(`arn:aws:rds:*:*:db:${INSTANCE}`)
    expect(error.context).toContain('arn:aws:rds:*:*:snapshot:mine')
  })

  test('one that fails', async () => {
    for (const action of ['CreateDBSnapshot', 'DescribeDBSnapshots'])
      await emulator.fault({ action, rewrite: [['<Status>available<', '<Status>failed<']] })
    expect(await failureOf(take())).toMatchObject({ code: 'SNAPSHOT_FAILED', details: { status: 'failed' } })
  })

  test('it takes too long, or is interrupted: the command that waits on is named', async () => {
    const creating: [string, string][] = [['<Status>available<', '<Status>creating<']]
    await emulator.fault({ action: 'CreateDBSnapshot', rewrite: creating, times: -1 })
    await emulator.fault({ action: 'DescribeDBSnapshots', rewrite: creating, times: -1 })
    const resume = `cruddur rds snapshot create ${INSTANCE} --name mine --region eu-central-1`
    const late = await failureOf(take({ name: 'mine', timeout: 100 }))
    expect(late).toMatchObject({ code: 'AWS_TIMEOUT', kind: 'unreachable' })
    expect(late.hint).toContain(resume)
    const abort = new AbortController()
    const failure = failureOf(take({ name: 'mine', signal: abort.signal, pace: () => 60_000 }))
    const looks = await asked('DescribeDBSnapshots')
    await expect.poll(() => asked('DescribeDBSnapshots')).toBeGreaterThan(looks + 1)
    abort.abort()
    expect(await failure).toMatchObject({ kind: 'interrupted', hint: `To wait on: ${resume}` })
  })
})

describe('of a cluster', () => {
  beforeEach(() => makeCluster(emulator, 'big'))

  test('it is one of the cluster, and remembers how large that may grow', async () => {
    expect(await take({ id: 'big' })).toMatchObject({ kind: 'cluster', status: 'available', changed: true })
    const [snapshot] = await list('big')
    expect(snapshot).toMatchObject({ kind: 'cluster', name: 'big-20261121-093000', databaseId: 'big' })
    expect(snapshot?.tags).toMatchObject({
      'cruddur:capacity': '0 2',
      'cruddur:class': 'db.serverless',
      'cruddur:public': 'yes',
    })
    expect(await take({ id: 'big', name: 'big-20261121-093000' })).toMatchObject({ changed: false })
  })

  test('an instance of it is not what is meant', async () => {
    expect(await failureOf(take({ id: 'big-1' }))).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      hint: 'Name the cluster: cruddur rds snapshot create big',
    })
  })

  test('its name is shorter', async () => {
    const name = `a${'b'.repeat(63)}`
    expect(await failureOf(take({ id: 'big', name }))).toMatchObject({ code: 'SNAPSHOT_INVALID' })
    expect(await take({ name })).toMatchObject({ changed: true })
  })

  test('too many', async () => {
    await emulator.fault({ action: 'CreateDBClusterSnapshot', error: 'SnapshotQuotaExceededFault' })
    expect(await failureOf(take({ id: 'big' }))).toMatchObject({ code: 'SNAPSHOT_QUOTA' })
  })
})
