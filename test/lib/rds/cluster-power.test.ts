import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Databases } from '../../../src/lib/rds/databases.ts'
import { type PowerOptions, startInstance, stopInstance } from '../../../src/lib/rds/power.ts'
import { makeCluster } from '../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../support/aws/emulator.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { failureOf } from '../../support/load.ts'

// What is read of Aurora clusters, and how they are started and stopped, against an emulator of AWS.

const CLUSTER = 'cruddur-db'

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeCluster(emulator, CLUSTER, 2)
})

const options = (more: Partial<PowerOptions> = {}): PowerOptions => ({
  aws: testAwsSession(emulator),
  id: CLUSTER,
  pace: () => 10,
  ...more,
})
const start = (more: Partial<PowerOptions> = {}) => startInstance(options(more))
const stop = (more: Partial<PowerOptions> = {}) => stopInstance(options(more))

/** Makes the next looks see another status of the cluster, or of its instances, than there is. */
const see = (what: 'cluster' | 'instances', status: string, insteadOf: string, times: number, after = 0) => {
  const [action, element] =
    what === 'cluster' ? ['DescribeDBClusters', 'Status'] : ['DescribeDBInstances', 'DBInstanceStatus']
  return emulator.fault({
    action,
    times,
    after,
    rewrite: [[`<${element}>${insteadOf}<`, `<${element}>${status}<`]],
  })
}

/** Does something with the databases that there are. */
const withDatabases = async <T>(work: (databases: Databases) => Promise<T>) => {
  const databases = new Databases(testAwsSession(emulator))
  try {
    return await work(databases)
  } finally {
    databases.close()
  }
}

const statusOf = async (instance: string) => {
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  try {
    const found = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }))
    return found.DBInstances?.[0]?.DBInstanceStatus
  } finally {
    rds.destroy()
  }
}

const asked = async (action: string) =>
  (await emulator.calls()).filter((call) => call.action === action).length

test('what AWS tells of a cluster, and of its writer only', async () => {
  await emulator.fault({
    action: 'DescribeDBClusters',
    rewrite: [
      ['<TagList/>', '<TagList><Tag><Key>cruddur:login</Key><Value>iam</Value></Tag></TagList>'],
      [
        '<VpcSecurityGroups/>',
        '<VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1</VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>',
      ],
      [
        '</DBClusterArn>',
        '</DBClusterArn><AutomaticRestartTime>2026-11-28T10:00:00Z</AutomaticRestartTime><EngineLifecycleSupport>open-source-rds-extended-support-disabled</EngineLifecycleSupport>',
      ],
      // The writer need not stand first.
      ['<IsClusterWriter>true<', '<IsClusterWriter>was<'],
      ['<IsClusterWriter>false<', '<IsClusterWriter>true<'],
      ['<IsClusterWriter>was<', '<IsClusterWriter>false<'],
    ],
  })
  expect(await withDatabases((databases) => databases.find(CLUSTER))).toEqual({
    kind: 'cluster',
    id: CLUSTER,
    arn: `arn:aws:rds:eu-central-1:123456789012:cluster:${CLUSTER}`,
    resourceId: expect.stringMatching(/^cluster-[A-Z0-9]{26}$/),
    status: 'available',
    engine: 'aurora-postgresql',
    version: '17',
    className: 'db.serverless',
    storage: undefined,
    encrypted: true,
    capacity: { min: 0, max: 2 },
    endpoint: {
      host: expect.stringMatching(/^cruddur-db\.cluster-[a-z0-9]{12}\.eu-central-1\./),
      port: 5432,
    },
    databaseName: 'cruddur',
    masterUser: 'cruddurroot',
    masterLogin: 'iam',
    secretArn: undefined,
    iamLogin: false,
    publiclyAccessible: true,
    networkType: 'IPV4',
    multiAz: false,
    deletionProtection: false,
    securityGroups: ['sg-1'],
    subnetGroup: 'default',
    parameterGroup: expect.any(String),
    copiesTags: false,
    backupDays: 1,
    extendedSupport: false,
    tags: { 'cruddur:login': 'iam' },
    createdAt: expect.any(Date),
    restartsAt: new Date('2026-11-28T10:00:00Z'),
    replicaOf: undefined,
    replicas: [],
    cluster: undefined,
    members: [`${CLUSTER}-2`, `${CLUSTER}-1`],
  })
})

test('a cluster stands in the list once, with the status of its writer while that is not available', async () => {
  await see('instances', 'creating', 'available', -1)
  const all = await withDatabases((databases) => databases.list())
  expect(all.map(({ id, status }) => [id, status])).toEqual([[CLUSTER, 'creating']])
  expect(await withDatabases((databases) => databases.find(CLUSTER))).toMatchObject({ status: 'creating' })
})

test('a cluster without instances is as AWS says', async () => {
  await makeCluster(emulator, 'bare', 0)
  expect(await withDatabases((databases) => databases.find('bare'))).toMatchObject({
    status: expect.stringMatching(/^(creating|available)$/),
    className: undefined,
    publiclyAccessible: false,
    members: [],
  })
})

test('it is stopped and started as a whole, whatever the answer of AWS says; again is a success that does nothing', async () => {
  expect(await stop()).toMatchObject({ id: CLUSTER, kind: 'cluster', status: 'stopped', changed: true })
  expect(await statusOf(`${CLUSTER}-1`)).toBe('stopped')
  expect(await stop()).toMatchObject({ status: 'stopped', changed: false })
  expect(await asked('StopDBCluster')).toBe(1)
  expect(await start()).toMatchObject({ kind: 'cluster', status: 'available', changed: true })
  expect(await statusOf(`${CLUSTER}-2`)).toBe('available')
  expect(await start()).toMatchObject({ status: 'available', changed: false })
  expect(await asked('StartDBCluster')).toBe(1)
  expect(await asked('StopDBInstance')).toBe(0)
})

test('it is waited for through all statuses, until its writer is available too', async () => {
  await stop()
  const texts: string[] = []
  const tell: PowerOptions['onProgress'] = (event) => void (event.type === 'note' && texts.push(event.text))
  // The first look is the one that asks; what follows is what AWS makes of it.
  await see('cluster', 'stopped', 'available', 2, 1)
  await see('cluster', 'starting', 'available', 2, 3)
  await see('instances', 'starting', 'available', 4, 2)
  expect(await start({ onProgress: tell })).toMatchObject({ status: 'available', changed: true })
  expect(texts.map((text) => text.replace(/ \(after .*\)$/, ''))).toEqual([
    `${CLUSTER} is starting`,
    `${CLUSTER} is available`,
  ])
  expect(await asked('StartDBCluster')).toBe(1)
})

test('what goes on is waited for, of the cluster and of its writer', async () => {
  await see('cluster', 'backing-up', 'available', 1)
  await see('instances', 'modifying', 'available', 1, 1)
  expect(await stop()).toMatchObject({ status: 'stopped', changed: true })
  expect(await asked('StopDBCluster')).toBe(1)
})

test('work that began between our look and our asking', async () => {
  await emulator.fault({ action: 'StopDBCluster', error: 'InvalidDBClusterStateFault' })
  expect(await stop()).toMatchObject({ status: 'stopped', changed: true })
  expect(await asked('StopDBCluster')).toBe(2)
})

describe('failures', () => {
  test.each(['inaccessible-encryption-credentials', 'cloning-failed', 'deleting'])('%s', async (status) => {
    await see('cluster', status, 'available', -1)
    for (const verb of [start, stop])
      expect(await failureOf(verb())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
  })

  test.each([
    ['start', start],
    ['stop', stop],
  ])('%s of one of its instances: the cluster is named', async (name, verb) => {
    expect(await failureOf(verb({ id: `${CLUSTER}-2` }))).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      message: expect.stringContaining(`the Aurora cluster ${CLUSTER}`),
      hint: `Name the cluster: cruddur rds ${name} ${CLUSTER}`,
    })
    expect(await asked(name === 'start' ? 'StartDBInstance' : 'StopDBInstance')).toBe(0)
  })

  test('a missing permission names the cluster', async () => {
    await emulator.fault({ action: 'StopDBCluster', error: 'AccessDenied', status: 403 })
    const error = await failureOf(stop())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain(`arn:aws:rds:*:*:cluster:${CLUSTER}`)
  })
})
