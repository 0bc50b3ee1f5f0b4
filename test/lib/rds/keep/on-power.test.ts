import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type StopOptions, startInstance, stopInstance } from '../../../../src/lib/rds/power.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { KeepProbe } from '../../../support/aws/keep.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Starting and stopping a database that is kept stopped, or is to be.

const ID = 'cruddur-db'
const ROLE = 'cruddur-keep-eu-central-1-cruddur-db'
const SCHEDULE = 'cruddur-keep-cruddur-db'
const PATH = `/schedules/${SCHEDULE}`

let emulator: AwsEmulator
let probe: KeepProbe

beforeAll(async () => {
  emulator = await startAwsEmulator()
  probe = new KeepProbe(emulator)
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  probe?.close()
  await emulator?.stop()
})

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, ID)
})

const options = (more: Partial<StopOptions>): StopOptions => ({
  aws: testAwsSession(emulator),
  id: ID,
  pace: () => 10,
  ...more,
})
const start = (more: Partial<StopOptions> = {}) => startInstance(options(more))
const stop = (more: Partial<StopOptions> = {}) => stopInstance(options(more))
const state = async () => (await probe.schedule(SCHEDULE)).State
const logged = async () => (await emulator.calls()).length
const since = async (count: number) => (await emulator.calls()).slice(count).map(({ action }) => action)
const never = async (action: string) =>
  expect((await emulator.calls()).map((call) => call.action)).not.toContain(action)
const denied = (action: string) =>
  emulator.fault({ action, error: 'AccessDeniedException', status: 403, times: -1 })
/** Collects the warnings that are told. */
function warnings() {
  const notes: string[] = []
  const onProgress: StopOptions['onProgress'] = (event) =>
    void (event.type === 'note' && event.level === 'warning' && notes.push(event.text))
  return { notes, onProgress }
}
const see = (status: string, times = -1) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    rewrite: [['<DBInstanceStatus>[^<]*<', `<DBInstanceStatus>${status}<`]],
  })

describe('stop --keep', () => {
  test('the schedule is there before AWS is asked to stop it; again does nothing', async () => {
    expect(await stop({ keep: true })).toMatchObject({
      status: 'stopped',
      changed: true,
      keep: { state: 'on', schedule: SCHEDULE },
    })
    const actions = await since(0)
    expect(actions.indexOf(`POST ${PATH}`)).toBeGreaterThan(0)
    expect(actions.indexOf('StopDBInstance')).toBeGreaterThan(actions.indexOf(`POST ${PATH}`))
    const before = await logged()
    expect(await stop({ keep: true })).toMatchObject({ changed: false, keep: { changes: [] } })
    expect((await since(before)).toSorted()).toEqual([
      'DescribeDBInstances',
      `GET ${PATH}`,
      'GetRole',
      'GetRolePolicy',
    ])
  })

  test('one that is stopped already is kept so', async () => {
    await stop()
    expect(await stop({ keep: true })).toMatchObject({ changed: false, keep: { state: 'on' } })
    expect(await state()).toBe('ENABLED')
  })

  test('one that is busy is kept first, and stopped when it is done', async () => {
    await see('backing-up', 2)
    expect(await stop({ keep: true })).toMatchObject({ status: 'stopped', keep: { state: 'on' } })
    expect((await since(0)).filter((action) => action === `POST ${PATH}`)).toHaveLength(1)
  })

  test('a dry run only looks', async () => {
    const { keep, dryRun } = await stop({ keep: true, dryRun: true })
    expect({ dryRun, count: keep?.changes.length }).toEqual({ dryRun: true, count: 4 })
    expect(await probe.roleNames()).toEqual([])
    await never('StopDBInstance')
  })

  test('it is stopped only when it can be kept so', async () => {
    await denied('CreateRole')
    expect(await failureOf(stop({ keep: true }))).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    await never('StopDBInstance')
  })

  test.each([
    ['failed', { wait: true }, 'INSTANCE_BROKEN'],
    ['backing-up', { wait: false }, 'INSTANCE_BUSY'],
  ])('one that is %s gets no schedule', async (status, more, code) => {
    await see(status)
    expect(await failureOf(stop({ keep: true, ...more }))).toMatchObject({ code })
    expect(await probe.roleNames()).toEqual([])
  })

  test.each([
    ['DBClusterIdentifier', 'INSTANCE_OF_CLUSTER'],
    ['ReadReplicaSourceDBInstanceIdentifier', 'INSTANCE_HAS_REPLICA'],
  ])('nor does one that AWS would not stop, stopped or not: %s', async (element, code) => {
    await stop()
    await emulator.fault({
      action: 'DescribeDBInstances',
      times: -1,
      rewrite: [['</DBInstanceStatus>', `</DBInstanceStatus><${element}>other</${element}>`]],
    })
    expect(await failureOf(stop({ keep: true }))).toMatchObject({ code })
    expect(await probe.roleNames()).toEqual([])
  })

  test('AWS does not stop it: that the schedule will is said', async () => {
    await denied('StopDBInstance')
    const error = await failureOf(stop({ keep: true }))
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED', details: { action: 'rds:StopDBInstance' } })
    expect(error.context).toContain(`The schedule ${SCHEDULE} is on, and stops it within the hour`)
    expect(error.context).toContain('"Action": "rds:StopDBInstance"')
  })

  test('Ctrl-C half way: the command that goes on is named, and goes on', async () => {
    const abort = new AbortController()
    await emulator.fault({ action: 'PutRolePolicy', delay: 5 })
    const failure = failureOf(stop({ keep: true, signal: abort.signal }))
    await expect.poll(() => since(0)).toContain('PutRolePolicy')
    abort.abort()
    const error = await failure
    expect(error).toMatchObject({ kind: 'interrupted' })
    expect(error.hint).toContain(`cruddur rds stop ${ID} --keep --region eu-central-1`)
    await never('StopDBInstance')
    expect(await stop({ keep: true })).toMatchObject({ status: 'stopped', keep: { state: 'on' } })
  })

  test('the network fails for a moment: it goes on with what is there', async () => {
    // As often as the SDK tries: one look of ours fails.
    await emulator.fault({ action: 'PutRolePolicy', drop: true, times: 4 })
    expect(await stop({ keep: true })).toMatchObject({ status: 'stopped', keep: { state: 'on' } })
    expect((await since(0)).filter((action) => action === 'CreateRole')).toHaveLength(1)
  }, 30_000)

  test('how to wait on says --keep too', async () => {
    await see('stopping')
    const error = await failureOf(stop({ keep: true, timeout: 50 }))
    expect(error.hint).toContain(`cruddur rds stop ${ID} --keep --region eu-central-1`)
  })
})

describe('stop', () => {
  test('leaves a schedule as it is, and says so', async () => {
    await stop({ keep: true })
    await start()
    expect(await stop()).toMatchObject({ keep: { state: 'off', changes: [] } })
    expect(await state()).toBe('DISABLED')
  })

  test('asks nothing about one that was never kept', async () => {
    expect((await stop()).keep).toBeUndefined()
    expect(await since(1)).toEqual(['DescribeDBInstances', 'StopDBInstance', 'DescribeDBInstances'])
  })

  test('says what is wrong with one that does not work', async () => {
    await stop({ keep: true })
    await probe.removeSchedule(SCHEDULE)
    const { notes, onProgress } = warnings()
    expect(await stop({ onProgress })).toMatchObject({ keep: { state: 'broken', changes: [] } })
    expect(notes).toEqual([
      `${ID} is not kept stopped as it should be: the schedule ${SCHEDULE} is missing. cruddur rds stop ${ID} --keep sets that right.`,
    ])
  })

  test('works where schedules may not be looked at', async () => {
    await stop({ keep: true })
    await denied(`GET ${PATH}`)
    const { notes, onProgress } = warnings()
    expect(await stop({ onProgress })).toMatchObject({ status: 'stopped', keep: undefined })
    expect(notes).toEqual([expect.stringContaining('could not be found out')])
  })

  test('--no-keep removes it all', async () => {
    await stop({ keep: true })
    expect((await stop({ keep: false })).keep).toMatchObject({ state: 'none' })
    expect(await probe.scheduleNames()).toEqual([])
    expect(await probe.roleNames()).toEqual([])
    expect((await stop()).keep).toBeUndefined()
  })
})

describe('start', () => {
  test('the schedule is off before AWS is asked to start it, and is told', async () => {
    await stop({ keep: true })
    const notes: string[] = []
    const before = await logged()
    const result = await start({
      onProgress: (event) => void (event.type === 'note' && notes.push(event.text)),
    })
    expect(result).toMatchObject({
      status: 'available',
      keep: { state: 'off', changes: [{ part: 'schedule', done: 'updated' }] },
    })
    expect(notes[0]).toContain(`The schedule ${SCHEDULE} is switched off`)
    expect((await since(before)).slice(0, 4)).toEqual([
      'DescribeDBInstances',
      `GET ${PATH}`,
      `PUT ${PATH}`,
      'StartDBInstance',
    ])
    expect(await state()).toBe('DISABLED')
  })

  test('all else of the schedule stays as it was', async () => {
    await stop({ keep: true })
    await probe.changeSchedule(SCHEDULE, {
      Description: 'ours',
      ScheduleExpression: 'rate(3 hours)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
      StartDate: new Date('2026-01-01T00:00:00Z'),
      EndDate: new Date('2030-01-01T00:00:00Z'),
      KmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/1',
    })
    const before = await probe.schedule(SCHEDULE)
    await start()
    const after = await probe.schedule(SCHEDULE)
    const ours = { State: 'DISABLED', LastModificationDate: expect.any(Date), $metadata: expect.anything() }
    expect(after).toEqual({ ...before, ...ours })
  })

  test('also for one that runs already: it would be stopped', async () => {
    await stop({ keep: true })
    await see('available')
    expect(await start()).toMatchObject({ changed: false, keep: { state: 'off' } })
    expect(await state()).toBe('DISABLED')
    await never('StartDBInstance')
  })

  test('again writes nothing; stop --keep switches it on again', async () => {
    await stop({ keep: true })
    await start()
    const before = await logged()
    expect(await start()).toMatchObject({ keep: { state: 'off', changes: [] } })
    expect(await since(before)).toEqual(['DescribeDBInstances', `GET ${PATH}`])
    expect(await stop({ keep: true })).toMatchObject({ keep: { state: 'on' } })
    expect(await state()).toBe('ENABLED')
  })

  test('asks nothing about one that was never kept', async () => {
    await stop()
    const before = await logged()
    expect((await start()).keep).toBeUndefined()
    expect(await since(before)).toEqual(['DescribeDBInstances', 'StartDBInstance', 'DescribeDBInstances'])
  })

  test('a dry run only looks', async () => {
    await stop({ keep: true })
    expect(await start({ dryRun: true })).toMatchObject({ keep: { changes: [{ part: 'schedule' }] } })
    expect(await state()).toBe('ENABLED')
  })

  test.each([`GET ${PATH}`, `PUT ${PATH}`])('%s is not allowed: it is not started', async (action) => {
    await stop({ keep: true })
    await denied(action)
    const error = await failureOf(start())
    expect(error.code).toBe('AWS_NOT_ALLOWED')
    expect(error.message).toContain(`${ID} is left stopped: the schedule ${SCHEDULE}`)
    expect(error.context).toContain(`cruddur rds stop ${ID} --no-keep --region eu-central-1`)
    await never('StartDBInstance')
  })

  test('a schedule that is gone does not matter', async () => {
    await stop({ keep: true })
    await probe.removeSchedule(SCHEDULE)
    expect(await start()).toMatchObject({ status: 'available', keep: { state: 'none', changes: [] } })
  })

  test('one whose role is gone, so that it cannot be written, is removed', async () => {
    await stop({ keep: true })
    await probe.removeRole(ROLE)
    await emulator.fault({
      action: `PUT ${PATH}`,
      error: 'ValidationException',
      message: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    })
    expect(await start()).toMatchObject({
      status: 'available',
      keep: { state: 'none', changes: [{ part: 'schedule', done: 'removed' }] },
    })
    expect(await probe.scheduleNames()).toEqual([])
  })

  test('AWS does not start it: that the schedule is off now is said', async () => {
    await stop({ keep: true })
    await emulator.fault({ action: 'StartDBInstance', error: 'InsufficientDBInstanceCapacity' })
    const error = await failureOf(start())
    expect(error.context).toContain('Its schedule is off now.')
    expect(error.context).toContain(`cruddur rds stop ${ID} --keep --region eu-central-1`)
  })
})
