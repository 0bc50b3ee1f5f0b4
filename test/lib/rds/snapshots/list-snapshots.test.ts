import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSnapshot } from '../../../../src/lib/rds/snapshots/create-snapshot.ts'
import { deleteDatabase } from '../../../../src/lib/rds/delete/delete.ts'
import { listSnapshots } from '../../../../src/lib/rds/snapshots/list-snapshots.ts'
import { makeCluster } from '../../../support/aws/cluster.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

const INSTANCE = 'cruddur-db'

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
const list = (id?: string) => listSnapshots({ aws: aws(), id })
const take = (id: string, name: string) => createSnapshot({ aws: aws(), id, name, pace: () => 10 })
/** The emulator takes one by itself with each database. */
const manual = async (id?: string) =>
  (await list(id)).filter(({ type }) => type === 'manual').map(({ name }) => name)

test('both kinds, the newest first', async () => {
  await makeCluster(emulator, 'big')
  await take(INSTANCE, 'one')
  await take('big', 'two')
  await take(INSTANCE, 'three')
  expect(await manual()).toEqual(['three', 'two', 'one'])
  expect(await manual(INSTANCE)).toEqual(['three', 'one'])
  expect(await manual('big')).toEqual(['two'])
})

test('those that AWS made by itself are among them', async () => {
  expect(await list(INSTANCE)).toMatchObject([
    { name: expect.stringMatching(/^rds:cruddur-db-/), type: 'automated', databaseId: INSTANCE },
  ])
})

test('one that is being made stands before the newest', async () => {
  await take(INSTANCE, 'old')
  await take(INSTANCE, 'new')
  await emulator.fault({
    action: 'DescribeDBSnapshots',
    rewrite: [
      [
        String.raw`(?s)(<DBSnapshot>(?:(?!</DBSnapshot>).)*?)<SnapshotCreateTime>[^<]*</SnapshotCreateTime>((?:(?!</DBSnapshot>).)*<DBSnapshotIdentifier>old<)`,
        String.raw`\1\2`,
      ],
      [
        String.raw`(?s)(<DBSnapshotIdentifier>old<(?:(?!</DBSnapshot>).)*?)<SnapshotCreateTime>[^<]*</SnapshotCreateTime>`,
        String.raw`\1`,
      ],
    ],
  })
  expect(await manual()).toEqual(['old', 'new'])
})

test('all pages', async () => {
  for (const word of ['Snapshots', 'ClusterSnapshots'])
    await emulator.fault({
      action: `DescribeDB${word}`,
      rewrite: [[`(<DB${word}/>|</DB${word}>)`, String.raw`\1<Marker>next</Marker>`]],
    })
  const found = await list()
  const markers = (await emulator.calls()).map(({ action, params }) => `${action} ${params['Marker'] ?? ''}`)
  expect(markers).toContain('DescribeDBSnapshots next')
  expect(markers).toContain('DescribeDBClusterSnapshots next')
  // The emulator's second page is its first once more.
  expect(found).toHaveLength(2)
})

test('of a database that is gone', async () => {
  await deleteDatabase({ aws: aws(), id: INSTANCE, snapshot: 'last', confirmation: INSTANCE, pace: () => 10 })
  expect(await manual(INSTANCE)).toEqual(['last'])
})

test('of one that has none, and of one that there is not', async () => {
  await makeInstance(emulator, 'young-db', { BackupRetentionPeriod: 0 })
  await emulator.fault({
    action: 'DescribeDBSnapshots',
    rewrite: [[String.raw`(?s)<DBSnapshots>.*</DBSnapshots>`, '<DBSnapshots/>']],
  })
  expect(await list('young-db')).toEqual([])
  expect(await failureOf(list('yuong-db'))).toMatchObject({
    code: 'INSTANCE_NOT_FOUND',
    hint: 'Did you mean "young-db"?',
  })
})
