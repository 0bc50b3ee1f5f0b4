import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import {
  DescribeDBClustersCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBInstancesCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { envUrlFile } from '../../../src/lib/config/env-url-file.ts'
import { createInstance } from '../../../src/lib/rds/create/create.ts'
import { checkCreateInput, type CreateWish } from '../../../src/lib/rds/create/create-input.ts'
import { databaseUrl } from '../../../src/lib/rds/login/database-url.ts'
import { deleteDatabase } from '../../../src/lib/rds/delete/delete.ts'
import { instanceStatus } from '../../../src/lib/rds/status/instance-status.ts'
import { startInstance, stopInstance } from '../../../src/lib/rds/power.ts'
import { resetPassword } from '../../../src/lib/rds/login/reset-password.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../support/aws/emulator.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { failureOf } from '../../support/load.ts'

// The life of an Aurora cluster, from nothing to its final snapshot, against an emulator of AWS.

const ID = 'my-app-db'
const NOW = new Date('2026-11-21T10:00:00Z')

let emulator: AwsEmulator
let folder: string
let rds: RDSClient

beforeAll(async () => {
  emulator = await startAwsEmulator()
  folder = mkdtempSync(join(tmpdir(), 'cruddur-aurora-'))
  rds = new RDSClient(testAwsSession(emulator).clientOptions)
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  rds?.destroy()
  rmSync(folder, { recursive: true, force: true })
  await emulator?.stop()
})

const env = () => join(folder, '.env')
const url = () => parseEnv(readFileSync(env(), 'utf8'))['PROD_CONNECTION_URL'] ?? ''

/** What each verb is given. */
const common = () => ({ aws: testAwsSession(emulator), id: ID, pace: () => 10 })

function create(wish: CreateWish = {}) {
  const context = { project: 'my_app', region: 'eu-central-1', now: NOW }
  return createInstance({
    ...common(),
    input: checkCreateInput({ aurora: true, ...wish }, context),
    file: envUrlFile(env()),
    confirm: () => Promise.resolve(true),
  })
}

/** The statuses of the cluster and of its instances, as the emulator has them. */
async function held(): Promise<(string | undefined)[]> {
  const [{ DBClusters = [] }, { DBInstances = [] }] = await Promise.all([
    rds.send(new DescribeDBClustersCommand({})),
    rds.send(new DescribeDBInstancesCommand({})),
  ])
  return [...DBClusters.map(({ Status }) => Status), ...DBInstances.map((one) => one.DBInstanceStatus)]
}

/** The calls that have changed something since the last time, in their order. */
const changes = (() => {
  let seen = 0
  return async () => {
    const calls = await emulator.calls()
    const news = calls.slice(seen).map(({ action }) => action)
    seen = calls.length
    return news.filter((action) => /^(Create|Start|Stop|Modify|Delete)DB/.test(action))
  }
})()

test('create, status, stop, start, url, reset-password, delete', async () => {
  expect(await create()).toMatchObject({ created: true, status: 'available', urlIs: 'written' })
  expect(await changes()).toEqual(['CreateDBCluster', 'CreateDBInstance'])
  const made = parseConnectionUrl(url())
  expect(made).toMatchObject({
    host: expect.stringMatching(/^my-app-db\.cluster-/),
    connectTimeout: 40_000,
    sslMode: 'verify-full',
  })

  expect(await instanceStatus({ ...common(), now: NOW })).toMatchObject({
    kind: 'cluster',
    phase: 'up',
    className: 'db.serverless',
    capacity: { min: 0, max: 2, pausesAfter: 300 },
    publiclyAccessible: true,
    members: [`${ID}-1`],
    endpoint: { host: made.host, port: 5432 },
    cost: { billing: 'full', now: 3.65, nowMost: 178.85 },
    warnings: [],
  })

  expect(await stopInstance({ ...common(), keep: true })).toMatchObject({
    kind: 'cluster',
    status: 'stopped',
    changed: true,
    keep: { state: 'on' },
  })
  expect(await held()).toEqual(['stopped', 'stopped'])
  expect(await instanceStatus({ ...common(), now: NOW })).toMatchObject({
    cost: { billing: 'storage', now: 0 },
  })
  expect(await create()).toMatchObject({ created: false, status: 'stopped', urlIs: 'there' })
  expect(await startInstance(common())).toMatchObject({
    status: 'available',
    changed: true,
    keep: { state: 'off' },
  })
  expect(await held()).toEqual(['available', 'available'])
  expect(await changes()).toEqual(['StopDBCluster', 'StartDBCluster'])

  expect(await databaseUrl({ ...common(), configured: url() })).toMatchObject({
    kind: 'cluster',
    url: url(),
    passwordSource: 'configured',
    maskedUrl: expect.stringMatching(/:\*{8}@.*\?sslmode=verify-full&connect_timeout=40$/),
  })

  const confirm = ID
  const reset = await resetPassword({ ...common(), envFile: env(), confirm })
  expect(reset).toMatchObject({ kind: 'cluster', mode: 'set', status: 'available' })
  const again = parseConnectionUrl(url())
  expect(again).toEqual({ ...made, password: expect.any(String) })
  expect(again.password).not.toBe(made.password)
  expect(await changes()).toEqual(['ModifyDBCluster'])

  for (const verb of [
    () => stopInstance({ ...common(), id: `${ID}-1` }),
    () => deleteDatabase({ ...common(), id: `${ID}-1`, confirmation: `${ID}-1` }),
    () => resetPassword({ ...common(), id: `${ID}-1`, envFile: env(), confirm }),
  ])
    expect(await failureOf(verb())).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      hint: expect.stringMatching(/^Name the cluster: cruddur rds \S+ my-app-db$/),
    })

  const deleted = await deleteDatabase({ ...common(), confirmation: confirm, now: () => NOW })
  expect(deleted).toMatchObject({ kind: 'cluster', status: 'gone', changed: true, warnings: [] })
  expect(await held()).toEqual([])
  const { DBClusterSnapshots = [] } = await rds.send(
    new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual' }),
  )
  expect(DBClusterSnapshots).toMatchObject([
    { DBClusterSnapshotIdentifier: deleted.snapshot, DBClusterIdentifier: ID, Status: 'available' },
  ])
  expect(await changes()).toEqual(['DeleteDBInstance', 'DeleteDBCluster'])
  expect(await failureOf(startInstance(common()))).toMatchObject({ code: 'INSTANCE_NOT_FOUND' })
})

test.each([
  ['managed', { password: 'managed' }, 'secret'],
  ['iam', { auth: 'iam' }, 'iam'],
])('the URL of one whose login is %s has what it needs, and time to wake up', async (login, wish, source) => {
  rmSync(env(), { force: true })
  await emulator.reset()
  expect(await create({ ...wish, identifier: login })).toMatchObject({ urlIs: 'written', kind: 'cluster' })
  expect(parseConnectionUrl(url())).toMatchObject({ password: undefined, connectTimeout: 40_000 })
  const found = await databaseUrl({ ...common(), id: login, configured: url() })
  expect(found).toMatchObject({ kind: 'cluster', passwordSource: source })
  expect(parseConnectionUrl(found.url)).toMatchObject({
    host: expect.stringMatching(`^${login}.cluster-`),
    password: expect.stringMatching(/./),
    connectTimeout: 40_000,
  })
})
