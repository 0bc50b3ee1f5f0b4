import {
  CreateDBParameterGroupCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSnapshot } from '../../../../src/lib/rds/snapshots/create-snapshot.ts'
import { deleteDatabase } from '../../../../src/lib/rds/delete/delete.ts'
import { restoreSnapshot, type RestoreOptions } from '../../../../src/lib/rds/snapshots/restore.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { makeSecurityGroup } from '../../../support/aws/security-group.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// New databases from snapshots: what the emulator was asked for, and what it holds afterwards.

const INSTANCE = 'cruddur-db'
const SNAPSHOT = 'before-migration'

let emulator: AwsEmulator
let group: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

const aws = () => testAwsSession(emulator)

/** Asks RDS something. */
const ask = async <T>(work: (rds: RDSClient) => Promise<T>) => {
  const rds = new RDSClient(aws().clientOptions)
  try {
    return await work(rds)
  } finally {
    rds.destroy()
  }
}

beforeEach(async () => {
  await emulator.reset()
  group = await makeSecurityGroup(emulator)
  await ask((rds) =>
    rds.send(
      new CreateDBParameterGroupCommand({
        DBParameterGroupName: 'tuned',
        DBParameterGroupFamily: 'postgres17',
        Description: 'of the test',
      }),
    ),
  )
  await makeInstance(emulator, INSTANCE, {
    EngineVersion: '17',
    VpcSecurityGroupIds: [group],
    DBParameterGroupName: 'tuned',
    PubliclyAccessible: true,
    CopyTagsToSnapshot: true,
    DeletionProtection: false,
    Port: 5433,
    Tags: [{ Key: 'cruddur:project', Value: 'cruddur' }],
  })
  await createSnapshot({ aws: aws(), id: INSTANCE, name: SNAPSHOT, pace: () => 10 })
})

const restore = (more: Partial<RestoreOptions> = {}) =>
  restoreSnapshot({ aws: aws(), snapshot: SNAPSHOT, pace: () => 10, ...more })
const removeOriginal = () =>
  deleteDatabase({ aws: aws(), id: INSTANCE, snapshot: false, confirmation: INSTANCE, pace: () => 10 })
const describeInstance = (id: string) =>
  ask(async (rds) => {
    const { DBInstances: [found] = [] } = await rds.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
    )
    return found
  })
const asked = async (action: string) => (await emulator.calls()).filter((call) => call.action === action)

/** Has the snapshot remember nothing when it is looked at next. */
const forget = () =>
  emulator.fault({
    action: 'DescribeDBSnapshots',
    rewrite: [[String.raw`(?s)<TagList>.*?</TagList>`, '<TagList/>']],
  })
const restoreBig = (more: Partial<RestoreOptions> = {}) =>
  restore({ snapshot: 'of-big', groups: [group], ...more })
const describeCluster = (id: string) =>
  ask(async (rds) => {
    const { DBClusters: [found] = [] } = await rds.send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: id }),
    )
    return found
  })

describe('the original is there', () => {
  test('the new one stands where that stands', async () => {
    expect(await restore()).toMatchObject({
      id: 'cruddur-db-restored',
      kind: 'instance',
      snapshot: SNAPSHOT,
      original: INSTANCE,
      status: 'available',
      endpoint: { host: expect.stringMatching(/^cruddur-db-restored\./), port: 5433 },
      securityGroups: [group],
      changed: true,
      dryRun: false,
      warnings: [],
    })
    expect(await describeInstance('cruddur-db-restored')).toMatchObject({
      DBInstanceClass: 'db.t4g.micro',
      VpcSecurityGroups: [{ VpcSecurityGroupId: group }],
      DBParameterGroups: [{ DBParameterGroupName: 'tuned' }],
      PubliclyAccessible: true,
      CopyTagsToSnapshot: true,
      DeletionProtection: false,
      Endpoint: { Port: 5433 },
      TagList: expect.arrayContaining([
        { Key: 'cruddur:project', Value: 'cruddur' },
        { Key: 'cruddur:restored-from', Value: SNAPSHOT },
      ]),
    })
    expect((await asked('RestoreDBInstanceFromDBSnapshot'))[0]?.params).toMatchObject({
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': group,
      EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    })
  })

  test('again is a success that does nothing; another one needs a name of its own', async () => {
    await restore()
    expect(await restore()).toMatchObject({ id: 'cruddur-db-restored', status: 'available', changed: false })
    expect(await asked('RestoreDBInstanceFromDBSnapshot')).toHaveLength(1)
    expect(await restore({ id: 'another-db' })).toMatchObject({ id: 'another-db', changed: true })
    expect(await describeInstance('another-db')).toMatchObject({ DBInstanceStatus: 'available' })
  })

  test('its name is not given to another one', async () => {
    expect(await failureOf(restore({ id: INSTANCE }))).toMatchObject({ code: 'INSTANCE_EXISTS' })
    await makeInstance(emulator, 'taken-db')
    const error = await failureOf(restore({ id: 'taken-db' }))
    expect(error).toMatchObject({ code: 'INSTANCE_EXISTS' })
    expect(error.hint).toContain(`cruddur rds restore ${SNAPSHOT} IDENTIFIER`)
    expect(await asked('RestoreDBInstanceFromDBSnapshot')).toHaveLength(0)
  })

  test('other groups where they are named; the default one of the VPC is warned of', async () => {
    const other = await makeSecurityGroup(emulator)
    expect(await restore({ groups: [other, group] })).toMatchObject({ securityGroups: [other, group] })
    const { securityGroups, warnings } = await restore({ id: 'x', groups: ['default'], dryRun: true })
    expect(securityGroups).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('default security group')])
  })

  test('a parameter group of another major version is left to AWS', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      rewrite: [['<EngineVersion>17<', '<EngineVersion>18.1<']],
    })
    expect((await restore()).warnings).toEqual([expect.stringContaining('tuned is for version 18')])
    expect((await asked('RestoreDBInstanceFromDBSnapshot'))[0]?.params).not.toHaveProperty(
      'DBParameterGroupName',
    )
  })

  test('what is not as before is told', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      rewrite: [
        ['<MultiAZ>false<', '<MultiAZ>true<'],
        [
          '</DBInstanceStatus>',
          '</DBInstanceStatus><MasterUserSecret><SecretArn>arn:x</SecretArn></MasterUserSecret>',
        ],
      ],
    })
    const { warnings } = await restore({ dryRun: true })
    expect(warnings).toEqual([expect.stringContaining('Multi-AZ'), expect.stringContaining('reset-password')])
  })
})

describe('the original is gone', () => {
  test('the new one has its name, and the groups that the snapshot remembers', async () => {
    const { host } = (await restore({ dryRun: true, id: 'x' })).endpoint ?? { host: undefined }
    expect(host).toBeUndefined()
    await removeOriginal()
    expect(await restore()).toMatchObject({
      id: INSTANCE,
      securityGroups: [group],
      changed: true,
      warnings: [],
    })
    expect(await describeInstance(INSTANCE)).toMatchObject({
      VpcSecurityGroups: [{ VpcSecurityGroupId: group }],
      DBParameterGroups: [{ DBParameterGroupName: 'tuned' }],
      PubliclyAccessible: true,
    })
    expect(await restore()).toMatchObject({ id: INSTANCE, changed: false, status: 'available' })
  })

  test('from the final snapshot as well', async () => {
    await deleteDatabase({
      aws: aws(),
      id: INSTANCE,
      snapshot: 'last',
      confirmation: INSTANCE,
      pace: () => 10,
    })
    expect(await restore({ snapshot: 'last' })).toMatchObject({ id: INSTANCE, securityGroups: [group] })
  })

  test('a snapshot that remembers nothing: groups must be named', async () => {
    await removeOriginal()
    await forget()
    const error = await failureOf(restore())
    expect(error).toMatchObject({ code: 'SECURITY_GROUP_UNKNOWN', kind: 'refused' })
    expect(error.hint).toContain('--group')
    await forget()
    expect(await failureOf(restore({ dryRun: true }))).toMatchObject({ code: 'SECURITY_GROUP_UNKNOWN' })
    expect(await asked('RestoreDBInstanceFromDBSnapshot')).toHaveLength(0)
    await forget()
    expect(await restore({ otherwiseGroup: group })).toMatchObject({ securityGroups: [group], changed: true })
  })
})

test('a dry run only looks', async () => {
  expect(await restore({ dryRun: true })).toMatchObject({ changed: true, dryRun: true, status: undefined })
  await restore()
  expect(await restore({ dryRun: true })).toMatchObject({ changed: false, status: 'available' })
  expect(await asked('RestoreDBInstanceFromDBSnapshot')).toHaveLength(1)
})

test('it is waited for, also where it is not found at first', async () => {
  await emulator.fault({ action: 'DescribeDBInstances', after: 2, error: 'DBInstanceNotFound', status: 404 })
  await emulator.fault({
    action: 'DescribeDBInstances',
    after: 3,
    times: 2,
    rewrite: [['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<']],
  })
  expect(await restore()).toMatchObject({ status: 'available' })
  expect(await asked('DescribeDBInstances')).toHaveLength(7)
})

test('a snapshot that is still being taken is waited for', async () => {
  await emulator.fault({
    action: 'DescribeDBSnapshots',
    times: 2,
    rewrite: [['<Status>available<', '<Status>creating<']],
  })
  expect(await failureOf(restore({ wait: false }))).toMatchObject({ code: 'INSTANCE_BUSY' })
  expect(await restore()).toMatchObject({ status: 'available', changed: true })
})

describe('failures', () => {
  test('a mistyped snapshot: the near one is suggested', async () => {
    expect(await failureOf(restore({ snapshot: 'befor-migration' }))).toMatchObject({
      code: 'SNAPSHOT_NOT_FOUND',
      hint: `Did you mean "${SNAPSHOT}"?`,
    })
  })

  test.each([
    [{ snapshot: 'no_name' }, 'SNAPSHOT_INVALID'],
    [{ groups: ['my-group'] }, 'SECURITY_GROUP_INVALID'],
    [{ otherwiseGroup: '*' }, 'SECURITY_GROUP_INVALID'],
  ])('%j, before AWS is asked', async (wrong, code) => {
    const before = (await emulator.calls()).length
    expect(await failureOf(restore(wrong))).toMatchObject({ code, kind: 'usage' })
    expect(await emulator.calls()).toHaveLength(before)
  })

  test('an answer that is lost on the way: there is one, and it is ours', async () => {
    await emulator.fault({ action: 'RestoreDBInstanceFromDBSnapshot', dropAfter: true })
    expect(await restore()).toMatchObject({ status: 'available', changed: true })
  }, 30_000)

  test('a missing permission', async () => {
    await emulator.fault({ action: 'RestoreDBInstanceFromDBSnapshot', error: 'AccessDenied', status: 403 })
    const error = await failureOf(restore())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain(`arn:aws:rds:*:*:snapshot:${SNAPSHOT}`)
  })

  test('Ctrl-C: AWS goes on, and the command that waits on is named', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      after: 2,
      times: -1,
      rewrite: [['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<']],
    })
    const abort = new AbortController()
    const failure = failureOf(restore({ signal: abort.signal, pace: () => 60_000 }))
    await expect.poll(async () => (await asked('DescribeDBInstances')).length).toBe(4)
    abort.abort()
    expect(await failure).toMatchObject({
      kind: 'interrupted',
      hint: `To wait on: cruddur rds restore ${SNAPSHOT} cruddur-db-restored --region eu-central-1`,
    })
  })

  test.each(['incompatible-restore', 'failed'])('one that becomes %s', async (status) => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      after: 2,
      times: -1,
      rewrite: [['<DBInstanceStatus>available<', `<DBInstanceStatus>${status}<`]],
    })
    expect(await failureOf(restore())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
  })
})

describe('a cluster', () => {
  beforeEach(async () => {
    await makeCluster(emulator, 'big')
    await createSnapshot({ aws: aws(), id: 'big', name: 'of-big', pace: () => 10 })
  })

  test('comes with an instance to connect to, and grows as far as before', async () => {
    expect(await restoreBig()).toMatchObject({
      id: 'big-restored',
      kind: 'cluster',
      status: 'available',
      securityGroups: [group],
      changed: true,
    })
    expect(await describeCluster('big-restored')).toMatchObject({
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 2 },
      VpcSecurityGroups: [{ VpcSecurityGroupId: group }],
      DBClusterMembers: [{ DBInstanceIdentifier: 'big-restored-1' }],
    })
    expect(await describeInstance('big-restored-1')).toMatchObject({
      DBInstanceClass: 'db.serverless',
      PubliclyAccessible: true,
    })
    expect((await asked('RestoreDBClusterFromSnapshot'))[0]?.params).toMatchObject({ EngineVersion: '17' })
  })

  test('that has no instance yet gets one by a second run', async () => {
    await emulator.fault({ action: 'CreateDBInstance', error: 'InsufficientDBInstanceCapacity' })
    expect(await failureOf(restoreBig())).toMatchObject({ code: 'AWS_ERROR' })
    expect(await restoreBig()).toMatchObject({ id: 'big-restored', status: 'available', changed: false })
    expect(await describeInstance('big-restored-1')).toMatchObject({ DBInstanceStatus: 'available' })
    await restoreBig()
    expect(await asked('RestoreDBClusterFromSnapshot')).toHaveLength(1)
  })

  test('that is gone comes back under its name, as large as the snapshot remembers', async () => {
    await deleteDatabase({ aws: aws(), id: 'big', snapshot: false, confirmation: 'big', pace: () => 10 })
    expect(await restoreBig()).toMatchObject({ id: 'big', status: 'available' })
    expect(await describeCluster('big')).toMatchObject({
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 2 },
    })
  })
})
