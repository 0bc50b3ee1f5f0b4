import { beforeEach, describe, expect, test } from 'vitest'
import { type PowerOptions, startInstance, stopInstance } from '../../../src/lib/rds/power.ts'
import { makeInstance } from '../../support/aws/instance.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { failureOf } from '../../support/load.ts'

// Starting and stopping from every status, against an emulator of AWS whose answers are delayed by rewriting them.

const INSTANCE = 'cruddur-db'

const emulator = withEmulator()

beforeEach(() => makeInstance(emulator, INSTANCE))

const options = (more: Partial<PowerOptions> = {}): PowerOptions => ({
  aws: testAwsSession(emulator),
  id: INSTANCE,
  pace: () => 10,
  ...more,
})
const start = (more: Partial<PowerOptions> = {}) => startInstance(options(more))
const stop = (more: Partial<PowerOptions> = {}) => stopInstance(options(more))

/** Makes the next looks see another status than there is. */
const see = (status: string, insteadOf: string, times: number, after = 0) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [[`<DBInstanceStatus>${insteadOf}<`, `<DBInstanceStatus>${status}<`]],
  })

/** Adds an element to what is told of the instance. */
const addElement = (name: string, value: string) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times: -1,
    rewrite: [['</DBInstanceStatus>', `</DBInstanceStatus><${name}>${value}</${name}>`]],
  })

const asked = async (action: string) =>
  (await emulator.calls()).filter((call) => call.action === action).length

test('one that runs is stopped, one that is stopped is started; again is a success that does nothing', async () => {
  expect(await stop()).toMatchObject({
    id: INSTANCE,
    kind: 'instance',
    status: 'stopped',
    changed: true,
    dryRun: false,
  })
  expect(await stop()).toMatchObject({ status: 'stopped', changed: false })
  expect(await asked('StopDBInstance')).toBe(1)
  expect(await start()).toMatchObject({ status: 'available', changed: true })
  expect(await start()).toMatchObject({ status: 'available', changed: false })
  expect(await asked('StartDBInstance')).toBe(1)
})

describe('what goes on is waited for', () => {
  test.each(['backing-up', 'modifying', 'starting', 'creating', 'a-status-of-tomorrow'])(
    'to stop one that is %s',
    async (status) => {
      await see(status, 'available', 2)
      expect(await stop()).toMatchObject({ status: 'stopped', changed: true })
      expect(await asked('StopDBInstance')).toBe(1)
    },
  )

  test('to start one that is being stopped', async () => {
    await stop()
    await see('stopping', 'stopped', 2)
    expect(await start()).toMatchObject({ status: 'available', changed: true })
  })

  test('one that is on its way there is not asked again', async () => {
    await stop()
    await see('starting', 'stopped', 1)
    await see('available', 'stopped', 1)
    expect(await start()).toMatchObject({ status: 'available', changed: false })
    expect(await asked('StartDBInstance')).toBe(0)
  })

  test('what AWS tells lags behind: it is asked once', async () => {
    await see('available', 'stopped', 3, 1)
    await see('stopping', 'stopped', 2)
    expect(await stop()).toMatchObject({ status: 'stopped', changed: true })
    expect(await asked('StopDBInstance')).toBe(1)
  })

  test('work that began between our look and our asking', async () => {
    await emulator.fault({ action: 'StopDBInstance', error: 'InvalidDBInstanceState' })
    expect(await stop()).toMatchObject({ status: 'stopped', changed: true })
    expect(await asked('StopDBInstance')).toBe(2)
  })

  test('also over a network that fails for a moment', async () => {
    // As often as the SDK tries: one look of ours fails.
    await emulator.fault({ action: 'DescribeDBInstances', drop: true, times: 4, after: 1 })
    expect(await stop()).toMatchObject({ status: 'stopped' })
  }, 30_000)
})

describe('without waiting', () => {
  test('it says how far it is', async () => {
    await see('stopping', 'stopped', 1, 1)
    expect(await stop({ wait: false })).toMatchObject({ status: 'available', changed: true })
    expect(await stop({ wait: false })).toMatchObject({ status: 'stopping', changed: false })
  })

  test('it is refused where something else goes on', async () => {
    await see('backing-up', 'available', -1)
    expect(await failureOf(stop({ wait: false }))).toMatchObject({ code: 'INSTANCE_BUSY' })
    expect(await start({ wait: false })).toMatchObject({ status: 'backing-up', changed: false })
  })
})

test('a dry run only looks', async () => {
  expect(await stop({ dryRun: true })).toMatchObject({ status: 'available', changed: true, dryRun: true })
  expect(await start({ dryRun: true })).toMatchObject({ status: 'available', changed: false, dryRun: true })
  expect(await asked('StopDBInstance')).toBe(0)
})

test('when AWS will start it again is told', async () => {
  await stop()
  await addElement('AutomaticRestartTime', '2026-11-28T10:00:00Z')
  expect(await stop()).toMatchObject({ restartsAt: new Date('2026-11-28T10:00:00Z') })
})

test('statuses are told as they come', async () => {
  const texts: string[] = []
  await see('stopping', 'stopped', 2)
  await stop({ onProgress: (event) => void (event.type === 'note' && texts.push(event.text)) })
  expect(texts.map((text) => text.replace(/ \(after .*\)$/, ''))).toEqual([
    `${INSTANCE} is stopping`,
    `${INSTANCE} is stopped`,
  ])
})

describe('failures', () => {
  test.each(['failed', 'storage-full', 'incompatible-network', 'deleting'])('%s', async (status) => {
    await see(status, 'available', -1)
    for (const verb of [start, stop])
      expect(await failureOf(verb())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
  })

  test.each([
    ['ReadReplicaSourceDBInstanceIdentifier', 'main-db', 'is a replica of main-db'],
    [
      'ReadReplicaDBInstanceIdentifiers',
      '<ReadReplicaDBInstanceIdentifier>copy-db</ReadReplicaDBInstanceIdentifier>',
      'has the replica copy-db',
    ],
  ])('%s', async (element, value, text) => {
    await addElement(element, value)
    const error = await failureOf(stop())
    expect(error).toMatchObject({ code: 'INSTANCE_HAS_REPLICA', kind: 'refused' })
    expect(error.message).toContain(text)
    expect(await start()).toMatchObject({ changed: false })
  })

  test('one of Aurora', async () => {
    await addElement('DBClusterIdentifier', 'my-cluster')
    expect(await failureOf(stop())).toMatchObject({
      code: 'INSTANCE_OF_CLUSTER',
      hint: expect.stringContaining('cruddur rds stop my-cluster'),
    })
  })

  test('one that is not there: the near one is suggested', async () => {
    const error = await failureOf(stop({ id: 'crudur-db' }))
    expect(error).toMatchObject({ code: 'INSTANCE_NOT_FOUND', hint: `Did you mean "${INSTANCE}"?` })
  })

  test('a login that expires while it waits ends the waiting at once', async () => {
    await emulator.fault({ action: 'DescribeDBInstances', error: 'ExpiredToken', status: 403, after: 1 })
    expect(await failureOf(stop())).toMatchObject({ code: 'AWS_LOGIN_EXPIRED' })
  })

  test('a missing permission', async () => {
    await emulator.fault({ action: 'StopDBInstance', error: 'AccessDenied', status: 403 })
    const error = await failureOf(stop())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(error.context).toContain(`arn:aws:rds:*:*:db:${INSTANCE}`)
  })

  test('it takes too long: the command that waits on is named', async () => {
    await see('stopping', 'stopped', -1)
    const error = await failureOf(stop({ timeout: 200 }))
    expect(error).toMatchObject({ code: 'AWS_TIMEOUT', kind: 'unreachable' })
    expect(error.hint).toContain(`cruddur rds stop ${INSTANCE} --region eu-central-1`)
  })

  test('Ctrl-C: AWS goes on', async () => {
    await see('stopping', 'stopped', -1)
    const abort = new AbortController()
    const failure = failureOf(stop({ signal: abort.signal, pace: () => 60_000 }))
    await expect.poll(() => asked('StopDBInstance')).toBe(1)
    abort.abort()
    const error = await failure
    expect(error).toMatchObject({ kind: 'interrupted', message: 'Interrupted; AWS goes on by itself.' })
    expect(error.hint).toContain('cruddur rds stop')
  })
})
