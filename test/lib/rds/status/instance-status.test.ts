import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { instanceStatus } from '../../../../src/lib/rds/status/instance-status.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { makeSecurityGroup } from '../../../support/aws/security-group.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// What is told of databases in their various states, which the emulator's answers are rewritten to.

const INSTANCE = 'cruddur-db'
const CLUSTER = 'cruddur-cluster'
const NOW = new Date('2026-11-20T12:00:00Z')

let emulator: AwsEmulator
let group: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  group = await makeSecurityGroup(emulator)
})

const make = () =>
  makeInstance(emulator, INSTANCE, {
    EngineVersion: '17.4',
    StorageType: 'gp3',
    StorageEncrypted: true,
    PubliclyAccessible: true,
    DBName: 'cruddur',
    VpcSecurityGroupIds: [group],
    BackupRetentionPeriod: 1,
  })

async function openToTheWorld(): Promise<void> {
  const ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
  const permission = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [permission] }))
  ec2.destroy()
}

const look = (id = INSTANCE, now = NOW) => instanceStatus({ aws: testAwsSession(emulator), id, now })

/** Changes what is told of instances or clusters from now on. */
const rewrite = (...rules: [string, string][]) =>
  Promise.all(
    ['DescribeDBInstances', 'DescribeDBClusters'].map((action) =>
      emulator.fault({ action, times: -1, rewrite: rules }),
    ),
  )
/** Tells another version, and whether Extended Support is on. */
const version = (number: string, lifecycle?: string) =>
  rewrite([
    '<EngineVersion>17.4</EngineVersion>',
    `<EngineVersion>${number}</EngineVersion>${lifecycle === undefined ? '' : `<EngineLifecycleSupport>${lifecycle}</EngineLifecycleSupport>`}`,
  ])
const inStatus = (status: string, more = '') =>
  rewrite([
    '<DBInstanceStatus>available</DBInstanceStatus>',
    `<DBInstanceStatus>${status}</DBInstanceStatus>${more}`,
  ])

test('one that runs: what it is, what it costs, who may connect; nothing is changed', async () => {
  await make()
  const before = (await emulator.calls()).length
  const status = await look()
  expect(status).toMatchObject({
    id: INSTANCE,
    kind: 'instance',
    at: NOW,
    region: 'eu-central-1',
    status: 'available',
    phase: 'up',
    endpoint: { host: expect.stringMatching(/^cruddur-db\./), port: 5432 },
    engine: 'postgres',
    version: '17.4',
    className: 'db.t4g.micro',
    storage: { gib: 20, type: 'gp3' },
    encrypted: true,
    masterLogin: 'password',
    publiclyAccessible: true,
    deletionProtection: false,
    multiAz: false,
    backupDays: 1,
    cost: { billing: 'full', now: 17.63, running: 17.63, stopped: 2.3, pricesAsOf: '2026-06-30' },
    support: { ends: new Date('2030-02-28'), daysLeft: 1196, extendedYear: undefined },
    access: { port: 5432, rules: [], unread: [] },
    warnings: [],
  })
  expect((await emulator.calls()).slice(before).map(({ action }) => action)).toEqual([
    'DescribeDBInstances',
    'DescribeSecurityGroupRules',
  ])
})

test('one that is stopped costs its storage, and tells when AWS starts it', async () => {
  await make()
  await inStatus('stopped', '<AutomaticRestartTime>2026-11-27T10:00:00Z</AutomaticRestartTime>')
  expect(await look()).toMatchObject({
    status: 'stopped',
    phase: 'down',
    restartsAt: new Date('2026-11-27T10:00:00Z'),
    cost: { billing: 'storage', now: 2.3, running: 17.63 },
    warnings: [],
  })
})

test.each([
  ['stopping', 'falling', 2.3],
  ['starting', 'rising', 2.3],
  ['backing-up', 'busy', 17.63],
  ['deleting', 'gone', 0],
])('%s: phase %s, $%d a month', async (name, phase, now) => {
  await make()
  await inStatus(name)
  expect(await look()).toMatchObject({ status: name, phase, cost: { now }, warnings: [] })
})

test('one that is being created has no endpoint yet and costs nothing yet', async () => {
  await make()
  await rewrite(
    ['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<'],
    [String.raw`<Endpoint>[\s\S]*?</Endpoint>`, ''],
  )
  expect(await look()).toMatchObject({
    status: 'creating',
    endpoint: undefined,
    cost: { billing: 'none', now: 0, running: 17.63 },
    access: { port: 5432 },
  })
})

test('a full storage costs all the same, and what to do is said', async () => {
  await make()
  await inStatus('storage-full')
  expect(await look()).toMatchObject({
    phase: 'broken',
    cost: { now: 17.63 },
    warnings: [expect.stringMatching(/^cruddur-db is storage-full\. Give it more storage/)],
  })
})

describe('the end of standard support', () => {
  const SUPPORT = 'open-source-rds-extended-support'

  test('is warned of when it is near, with what happens then', async () => {
    await make()
    await version('14.18', SUPPORT)
    expect(await look()).toMatchObject({
      support: { daysLeft: 100 },
      cost: { now: 17.63 },
      warnings: [
        'Standard support of version 14.18 ends on 2027-02-28, in 100 days; from then on it pays for Extended Support. Upgrade to a newer major before.',
      ],
    })
    const early = await look(INSTANCE, new Date('2026-08-01'))
    expect(early.support.daysLeft).toBe(212)
    expect(early.warnings).toEqual([])
  })

  test('Extended Support is paid for when it is over', async () => {
    await make()
    await version('13.20', SUPPORT)
    const status = await look()
    expect(status).toMatchObject({
      extendedSupport: true,
      support: { daysLeft: -265, extendedYear: 1 },
      cost: { now: 163.63, stopped: 2.3 },
    })
    expect(status.warnings.join()).toContain('it pays for year 1 of Extended Support')
    expect((await look(INSTANCE, new Date('2028-03-02'))).support.extendedYear).toBe(3)
  })

  test('without Extended Support AWS upgrades it', async () => {
    await make()
    await version('14.18', `${SUPPORT}-disabled`)
    const status = await look()
    expect(status.warnings.join()).toContain('from then on AWS upgrades it')
    expect(await look(INSTANCE, new Date('2027-06-01'))).toMatchObject({
      support: { extendedYear: undefined },
      cost: { now: 17.63 },
    })
  })

  test('is not known of other engines and versions', async () => {
    await make()
    await version('99.1')
    expect(await look()).toMatchObject({ support: { ends: undefined, daysLeft: undefined }, warnings: [] })
    await emulator.reset()
    await makeInstance(emulator, INSTANCE, { Engine: 'mysql', EngineVersion: '8.0.40' })
    expect(await look()).toMatchObject({ support: { ends: undefined }, cost: { now: undefined } })
  })
})

test('a port that is open to the world is warned of, also where there is no public address', async () => {
  await make()
  await openToTheWorld()
  const { access, warnings } = await look()
  expect(access.rules).toMatchObject([{ from: '0.0.0.0/0', world: true, groupId: group }])
  expect(warnings).toEqual([
    `Port 5432 is open to the world by ${access.rules[0]?.id}: only the login protects it.`,
  ])
  await rewrite(['<PubliclyAccessible>true<', '<PubliclyAccessible>false<'])
  expect((await look()).warnings.join()).toContain('though the database has no public address')
})

test('a password that Secrets Manager keeps is told, and paid for', async () => {
  await makeInstance(emulator, INSTANCE, { ManageMasterUserPassword: true, MasterUserPassword: undefined })
  const status = await look()
  expect(status).toMatchObject({
    masterLogin: 'managed',
    secretArn: expect.stringContaining('secret:rds!db-'),
  })
  expect(status.cost.parts).toContainEqual({ what: 'secret of the password', running: 0.4, stopped: 0.4 })
})

describe('a cluster of Serverless v2', () => {
  test('costs between its lowest and its highest capacity, and is reached as its writer is', async () => {
    await makeCluster(emulator, CLUSTER)
    expect(await look(CLUSTER)).toMatchObject({
      id: CLUSTER,
      kind: 'cluster',
      engine: 'aurora-postgresql',
      className: 'db.serverless',
      capacity: { min: 0, max: 2 },
      members: [`${CLUSTER}-1`],
      publiclyAccessible: true,
      cost: { billing: 'full', now: 3.65, nowMost: 178.85, stopped: 0 },
      support: { ends: new Date('2030-02-28') },
      warnings: [],
    })
  })

  test('without an instance nobody can connect, and nothing is paid for one', async () => {
    await makeCluster(emulator, CLUSTER, 0)
    expect(await look(CLUSTER)).toMatchObject({
      members: [],
      cost: { now: 0, nowMost: 0 },
      warnings: [`The cluster ${CLUSTER} has no instance: nobody can connect to it.`],
    })
  })

  test('its instance refers to it', async () => {
    await makeCluster(emulator, CLUSTER)
    const status = await look(`${CLUSTER}-1`)
    expect(status).toMatchObject({ kind: 'instance', cluster: CLUSTER, cost: { now: undefined } })
    expect(status.warnings.join()).toContain(`cruddur rds status ${CLUSTER}`)
  })

  test('stopped', async () => {
    await makeCluster(emulator, CLUSTER)
    await rewrite(['<Status>available</Status>', '<Status>stopped</Status>'])
    expect(await look(CLUSTER)).toMatchObject({ phase: 'down', cost: { billing: 'storage', now: 0 } })
  })
})

test('what may not be read is told, and the rest is there all the same', async () => {
  await make()
  await emulator.fault({
    action: 'DescribeSecurityGroupRules',
    times: -1,
    error: 'UnauthorizedOperation',
    status: 403,
  })
  expect(await look()).toMatchObject({
    status: 'available',
    access: { rules: [], unread: [{ groupId: group, code: 'AWS_NOT_ALLOWED' }] },
    warnings: [
      expect.stringMatching(/^Who may connect by sg-\w+ could not be read: .*DescribeSecurityGroupRules/),
    ],
  })
})

test('a mistyped name brings the near one; a refusal is not a status', async () => {
  await make()
  expect(await failureOf(look('crudur-db'))).toMatchObject({
    code: 'INSTANCE_NOT_FOUND',
    hint: 'Did you mean "cruddur-db"?',
  })
  await emulator.fault({ action: 'DescribeDBInstances', error: 'AccessDenied', status: 403 })
  expect(await failureOf(look())).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
})
