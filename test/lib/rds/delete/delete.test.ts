import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteDatabase, type DeleteOptions } from '../../../../src/lib/rds/delete/delete.ts'
import { listSnapshots } from '../../../../src/lib/rds/snapshots/list-snapshots.ts'
import { stopInstance } from '../../../../src/lib/rds/power.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { makeSecurityGroup } from '../../../support/aws/security-group.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Deleting from every status, against an emulator of AWS that wants a final snapshot or not, but never both or neither.

const INSTANCE = 'cruddur-db'
const NOW = new Date('2026-11-21T09:30:00Z')
const FINAL = 'cruddur-db-final-20261121-093000'

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
const remove = (more: Partial<DeleteOptions> = {}) =>
  deleteDatabase({
    aws: aws(),
    id: INSTANCE,
    confirmation: more.id ?? INSTANCE,
    now: () => NOW,
    pace: () => 10,
    ...more,
  })
const snapshots = async (id?: string) =>
  (await listSnapshots({ aws: aws(), id })).filter(({ type }) => type === 'manual')

/** Asks RDS something. */
const ask = async <T>(work: (rds: RDSClient) => Promise<T>) => {
  const rds = new RDSClient(aws().clientOptions)
  try {
    return await work(rds)
  } finally {
    rds.destroy()
  }
}
const instances = () =>
  ask(async (rds) =>
    ((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? []).map(
      ({ DBInstanceIdentifier }) => DBInstanceIdentifier,
    ),
  )
/** The calls that change something, in their order, with what tells them apart. */
const changes = async () =>
  (await emulator.calls())
    .filter(({ action }) => !/^(?:Describe|Create)/.test(action))
    .map(({ action, params }) =>
      [
        action,
        params['DBInstanceIdentifier'] ?? params['DBClusterIdentifier'],
        params['FinalDBSnapshotIdentifier'],
        params['SkipFinalSnapshot'] && 'skip',
      ]
        .filter(Boolean)
        .join(' '),
    )

const see = (status: string, times: number, after = 0, insteadOf = 'available') =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [[`<DBInstanceStatus>${insteadOf}<`, `<DBInstanceStatus>${status}<`]],
  })

/** Has the instance be described as it was for a while after it is gone. */
const lingers = async (times: number) => {
  const described = await ask((rds) =>
    rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: INSTANCE })),
  )
  expect(described.DBInstances).toHaveLength(1)
  await emulator.fault({
    action: 'DescribeDBInstances',
    after: 1,
    times,
    status: 200,
    rewrite: [
      [
        String.raw`\A[\s\S]*\Z`,
        `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>${INSTANCE}</DBInstanceIdentifier><DBInstanceStatus>deleting</DBInstanceStatus></DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`,
      ],
    ],
  })
}

test('a final snapshot, named after the time, is there when the instance is gone', async () => {
  expect(await remove()).toMatchObject({
    id: INSTANCE,
    kind: 'instance',
    status: 'gone',
    snapshot: FINAL,
    changed: true,
    warnings: [],
  })
  expect(await instances()).toEqual([])
  expect(await snapshots()).toMatchObject([{ name: FINAL, databaseId: INSTANCE, status: 'available' }])
  expect(await changes()).toEqual([`DeleteDBInstance ${INSTANCE} ${FINAL}`])
})

test('without one where none is wanted, and then only', async () => {
  expect(await remove({ snapshot: false })).toMatchObject({ status: 'gone', snapshot: undefined })
  expect(await snapshots()).toEqual([])
  expect(await changes()).toEqual([`DeleteDBInstance ${INSTANCE} skip`])
})

test('the snapshot has the tags, and remembers the security groups', async () => {
  await emulator.reset()
  const group = await makeSecurityGroup(emulator)
  await makeInstance(emulator, INSTANCE, {
    CopyTagsToSnapshot: true,
    VpcSecurityGroupIds: [group],
    Tags: [{ Key: 'cruddur:project', Value: 'cruddur' }],
  })
  expect(await remove()).toMatchObject({ securityGroups: [group] })
  expect((await snapshots())[0]?.tags).toMatchObject({
    'cruddur:project': 'cruddur',
    'cruddur:security-groups': group,
  })
  expect(await changes()).toEqual(['AddTagsToResource', `DeleteDBInstance ${INSTANCE} ${FINAL}`])
})

test('where no tags may be added it is told, and deleted', async () => {
  await emulator.reset()
  await makeInstance(emulator, INSTANCE, { CopyTagsToSnapshot: true })
  await emulator.fault({ action: 'AddTagsToResource', error: 'AccessDenied', status: 403 })
  const { warnings, status } = await remove()
  expect(status).toBe('gone')
  expect(warnings).toEqual([expect.stringContaining('does not remember the security groups')])
})

test.each([false, true])('automated backups that are kept: %s', async (keepBackups) => {
  await remove({ keepBackups })
  const call = (await emulator.calls()).find(({ action }) => action === 'DeleteDBInstance')
  expect(call?.params['DeleteAutomatedBackups']).toBe(String(!keepBackups))
})

describe('the name', () => {
  test.each([undefined, '', 'cruddur', 'CRUDDUR-DB'])(
    '%j is not it: nothing is done',
    async (confirmation) => {
      const error = await failureOf(remove({ confirmation }))
      expect(error).toMatchObject({ code: 'NOT_CONFIRMED', kind: 'refused' })
      expect(error.context).toContain(FINAL)
      expect(await changes()).toEqual([])
      expect(await instances()).toEqual([INSTANCE])
    },
  )

  test('who is asked sees what it is, what is lost, and what stays', async () => {
    let seen: readonly string[] = []
    const confirmation: DeleteOptions['confirmation'] = async ({ lines, name }) => {
      seen = lines
      return name
    }
    await remove({ confirmation })
    expect(seen.map((line) => line.replace(/ +/, ' '))).toEqual([
      `instance ${INSTANCE}`,
      'status available',
      'class db.t4g.micro, 20 GiB gp2',
      expect.stringMatching(/^created 2/),
      expect.stringMatching(/^endpoint cruddur-db\..*:5432$/),
      `stays the final snapshot ${FINAL}`,
      'backups the automated backups of a day are lost',
    ])
  })
})

test('a dry run asks nobody and does nothing', async () => {
  const result = await remove({ dryRun: true, confirmation: undefined })
  expect(result).toMatchObject({ status: 'available', changed: true, dryRun: true, snapshot: FINAL })
  expect(result.plan.join('\n')).toContain(FINAL)
  expect(await changes()).toEqual([])
})

describe('other statuses', () => {
  test('work that goes on is waited for', async () => {
    await see('backing-up', 3)
    expect(await remove()).toMatchObject({ status: 'gone' })
    expect((await emulator.calls()).map(({ action }) => action).slice(1, 5)).toEqual([
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeDBInstances',
      'DescribeDBInstances',
    ])
  })

  test('one that is stopped is started for its snapshot', async () => {
    await stopInstance({ aws: aws(), id: INSTANCE, pace: () => 10 })
    const { status, plan } = await remove()
    expect(status).toBe('gone')
    expect(plan.at(-1)).toContain('it is started')
    expect(await changes()).toEqual([
      `StopDBInstance ${INSTANCE}`,
      `StartDBInstance ${INSTANCE}`,
      `DeleteDBInstance ${INSTANCE} ${FINAL}`,
    ])
    expect(await snapshots()).toHaveLength(1)
  })

  test('but not without', async () => {
    await stopInstance({ aws: aws(), id: INSTANCE, pace: () => 10 })
    await remove({ snapshot: false })
    expect(await changes()).toEqual([`StopDBInstance ${INSTANCE}`, `DeleteDBInstance ${INSTANCE} skip`])
  })

  test('without waiting neither is done', async () => {
    await stopInstance({ aws: aws(), id: INSTANCE, pace: () => 10 })
    expect(await failureOf(remove({ wait: false }))).toMatchObject({ code: 'INSTANCE_BUSY' })
    expect(await changes()).toEqual([`StopDBInstance ${INSTANCE}`])
  })

  test.each(['failed', 'incompatible-restore', 'incompatible-network', 'storage-full'])(
    '%s: only without a snapshot',
    async (status) => {
      await see(status, -1)
      const error = await failureOf(remove())
      expect(error).toMatchObject({ code: 'FINAL_SNAPSHOT_IMPOSSIBLE', kind: 'refused' })
      expect(error.hint).toContain('--no-snapshot')
      expect(await remove({ snapshot: false })).toMatchObject({ status: 'gone' })
    },
  )

  test('one that is being deleted is waited for, without a question', async () => {
    await lingers(0)
    await see('deleting', 2)
    await emulator.fault({
      action: 'DescribeDBInstances',
      after: 2,
      times: -1,
      error: 'DBInstanceNotFound',
      status: 404,
    })
    expect(await remove({ confirmation: undefined })).toMatchObject({
      status: 'gone',
      changed: false,
      snapshot: undefined,
    })
    expect(await changes()).toEqual([])
  })

  test('it is waited until it is gone', async () => {
    await lingers(3)
    const before = (await emulator.calls()).length
    expect(await remove()).toMatchObject({ status: 'gone' })
    const looks = (await emulator.calls())
      .slice(before)
      .filter(({ action }) => action === 'DescribeDBInstances')
    expect(looks).toHaveLength(5)
  })

  test('a status that has changed between our look and our asking', async () => {
    await emulator.fault({ action: 'DeleteDBInstance', error: 'InvalidDBInstanceState' })
    expect(await remove()).toMatchObject({ status: 'gone' })
    expect(await changes()).toHaveLength(2)
  })

  test('without waiting it says how far it is', async () => {
    expect(await remove({ wait: false })).toMatchObject({ status: 'deleting', changed: true })
  })
})

describe('protection', () => {
  beforeEach(async () => {
    await ask((rds) =>
      rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: INSTANCE, DeletionProtection: true })),
    )
  })

  test('is respected', async () => {
    const error = await failureOf(remove())
    expect(error).toMatchObject({ code: 'DELETION_PROTECTED', kind: 'refused' })
    expect(error.hint).toContain('--unprotect')
    expect(await instances()).toEqual([INSTANCE])
  })

  test('is switched off first, after the name was given', async () => {
    expect(await failureOf(remove({ unprotect: true, confirmation: 'no' }))).toMatchObject({
      code: 'NOT_CONFIRMED',
    })
    expect(await changes()).toHaveLength(1)
    const { status, plan } = await remove({ unprotect: true })
    expect(status).toBe('gone')
    expect(plan.at(-1)).toContain('its deletion protection is switched off')
    expect((await changes()).slice(1)).toEqual([
      `ModifyDBInstance ${INSTANCE}`,
      `DeleteDBInstance ${INSTANCE} ${FINAL}`,
    ])
  })

  test('of one that is stopped cannot be switched off', async () => {
    await stopInstance({ aws: aws(), id: INSTANCE, pace: () => 10 })
    await remove({ unprotect: true, snapshot: false })
    expect((await changes()).slice(2)).toEqual([
      `StartDBInstance ${INSTANCE}`,
      `ModifyDBInstance ${INSTANCE}`,
      `DeleteDBInstance ${INSTANCE} skip`,
    ])
  })
})

describe('failures', () => {
  test.each(['1x', 'a--b', ''])('the name %j of a snapshot, before AWS is asked', async (snapshot) => {
    expect(await failureOf(remove({ snapshot }))).toMatchObject({ code: 'SNAPSHOT_INVALID', kind: 'usage' })
  })

  test('a snapshot of that name, before anything is done', async () => {
    await remove({ snapshot: 'mine' })
    await makeInstance(emulator, INSTANCE)
    expect(await failureOf(remove({ snapshot: 'mine' }))).toMatchObject({ code: 'SNAPSHOT_EXISTS' })
    expect(await changes()).toHaveLength(1)
  })

  test('one that has come meanwhile', async () => {
    await remove({ snapshot: FINAL })
    await makeInstance(emulator, INSTANCE)
    expect(await failureOf(remove())).toMatchObject({ code: 'SNAPSHOT_EXISTS', details: { name: FINAL } })
    expect(await instances()).toEqual([INSTANCE])
  })

  test('too many snapshots', async () => {
    await emulator.fault({ action: 'DeleteDBInstance', error: 'SnapshotQuotaExceeded' })
    expect(await failureOf(remove())).toMatchObject({ code: 'SNAPSHOT_QUOTA' })
    expect(await instances()).toEqual([INSTANCE])
  })

  test('a missing permission', async () => {
    await emulator.fault({ action: 'DeleteDBInstance', error: 'AccessDenied', status: 403 })
    const error = await failureOf(remove())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain(`arn:aws:rds:*:*:snapshot:${FINAL}`)
  })

  test('one that is not there: the near one is suggested', async () => {
    expect(await failureOf(remove({ id: 'crudur-db' }))).toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
      kind: 'failed',
      hint: `Did you mean "${INSTANCE}"?`,
    })
  })

  test('a connection that breaks before or after, and limits', async () => {
    await emulator.fault({ action: 'DeleteDBInstance', error: 'Throttling' })
    await emulator.fault({ action: 'DeleteDBInstance', drop: true })
    await emulator.fault({ action: 'DeleteDBInstance', dropAfter: true })
    expect(await remove()).toMatchObject({ status: 'gone', warnings: [] })
    expect(await snapshots()).toHaveLength(1)
  }, 30_000)

  test('a replica has no snapshot of its own', async () => {
    await emulator.fault({
      action: 'DescribeDBInstances',
      times: -1,
      rewrite: [
        [
          '</DBInstanceStatus>',
          '</DBInstanceStatus><ReadReplicaSourceDBInstanceIdentifier>main-db</ReadReplicaSourceDBInstanceIdentifier>',
        ],
      ],
    })
    const error = await failureOf(remove())
    expect(error).toMatchObject({ code: 'FINAL_SNAPSHOT_IMPOSSIBLE' })
    expect(error.message).toContain('main-db')
  })

  test('it takes too long, or is interrupted: the command that waits on is named', async () => {
    await see('deleting', -1)
    const late = await failureOf(remove({ timeout: 100 }))
    expect(late).toMatchObject({ code: 'AWS_TIMEOUT' })
    expect(late.hint).toContain(`cruddur rds delete ${INSTANCE} --region eu-central-1`)
    const abort = new AbortController()
    const before = (await emulator.calls()).length
    const failure = failureOf(remove({ signal: abort.signal, pace: () => 60_000 }))
    await expect.poll(async () => (await emulator.calls()).length).toBeGreaterThan(before + 1)
    abort.abort()
    expect(await failure).toMatchObject({
      kind: 'interrupted',
      message: 'Interrupted; AWS goes on by itself.',
    })
  })

  test('a snapshot that is not there afterwards is told', async () => {
    await emulator.fault({ action: 'DescribeDBSnapshots', error: 'DBSnapshotNotFound', status: 404 })
    expect((await remove()).warnings).toEqual([`The final snapshot ${FINAL} is not to be found.`])
  })
})

describe('a cluster', () => {
  const CLUSTER = 'big'
  const LAST = 'big-final-20261121-093000'

  beforeEach(async () => {
    await emulator.reset()
    await makeCluster(emulator, CLUSTER, 2)
  })

  test('goes after its instances, with a snapshot of its own', async () => {
    expect(await remove({ id: CLUSTER })).toMatchObject({
      kind: 'cluster',
      status: 'gone',
      snapshot: LAST,
      warnings: [],
    })
    expect(await changes()).toEqual([
      'DeleteDBInstance big-1 skip',
      'DeleteDBInstance big-2 skip',
      `DeleteDBCluster big ${LAST}`,
    ])
    expect(await instances()).toEqual([])
    expect(await snapshots(CLUSTER)).toMatchObject([{ kind: 'cluster', name: LAST, status: 'available' }])
  })

  test('without one', async () => {
    await remove({ id: CLUSTER, snapshot: false })
    expect((await changes()).at(-1)).toBe('DeleteDBCluster big skip')
    expect(await snapshots()).toEqual([])
  })

  test('that is stopped is started: AWS deletes none that is', async () => {
    await stopInstance({ aws: aws(), id: CLUSTER, pace: () => 10 })
    await remove({ id: CLUSTER, snapshot: false })
    expect((await changes()).slice(1)).toEqual([
      'StartDBCluster big',
      'DeleteDBInstance big-1 skip',
      'DeleteDBInstance big-2 skip',
      'DeleteDBCluster big skip',
    ])
  })

  test('that was left in the middle is deleted by a second run', async () => {
    await emulator.fault({ action: 'DeleteDBCluster', error: 'SnapshotQuotaExceeded' })
    expect(await failureOf(remove({ id: CLUSTER }))).toMatchObject({ code: 'SNAPSHOT_QUOTA' })
    expect(await remove({ id: CLUSTER })).toMatchObject({ status: 'gone', snapshot: LAST })
    expect(await snapshots(CLUSTER)).toHaveLength(1)
  })

  test('whose instances are on their way out is not yet itself', async () => {
    await see('deleting', 4)
    expect(await failureOf(remove({ id: CLUSTER, confirmation: undefined }))).toMatchObject({
      code: 'NOT_CONFIRMED',
    })
    expect(await remove({ id: CLUSTER })).toMatchObject({ status: 'gone', changed: true, snapshot: LAST })
  })

  test('that still has instances, for AWS, is asked for again', async () => {
    await emulator.fault({ action: 'DeleteDBCluster', error: 'InvalidDBClusterStateFault' })
    expect(await remove({ id: CLUSTER })).toMatchObject({ status: 'gone' })
    expect((await changes()).slice(2)).toEqual([`DeleteDBCluster big ${LAST}`, `DeleteDBCluster big ${LAST}`])
  })

  test('is meant as a whole', async () => {
    expect(await failureOf(remove({ id: 'big-1' }))).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      hint: 'Name the cluster: cruddur rds delete big',
    })
    expect(await instances()).toHaveLength(2)
  })
})
