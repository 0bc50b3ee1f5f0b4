import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Databases } from '../../../../src/lib/rds/databases.ts'
import { findKeep } from '../../../../src/lib/rds/keep/find-keep.ts'
import { keepWarning } from '../../../../src/lib/rds/keep/keep-warning.ts'
import { removeKeep, type RemoveKeepOptions } from '../../../../src/lib/rds/keep/remove-keep.ts'
import { stopInstance } from '../../../../src/lib/rds/power.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { KeepProbe, writes } from '../../../support/aws/keep.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// What `rds status` is told about a database that is kept stopped, and what `rds delete` removes.

const ID = 'cruddur-db'
const ROLE = 'cruddur-keep-eu-central-1-cruddur-db'
const SCHEDULE = 'cruddur-keep-cruddur-db'
const ARN = 'arn:aws:rds:eu-central-1:123456789012:db:cruddur-db'

let emulator: AwsEmulator
let databases: Databases
let probe: KeepProbe

beforeAll(async () => {
  emulator = await startAwsEmulator()
  databases = new Databases(testAwsSession(emulator))
  probe = new KeepProbe(emulator)
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  databases?.close()
  probe?.close()
  await emulator?.stop()
})

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, ID)
})

const aws = () => testAwsSession(emulator)
const stopAndKeep = () => stopInstance({ aws: aws(), id: ID, keep: true, pace: () => 10 })
const find = async () => findKeep({ aws: aws(), database: await databases.find(ID) })
const remove = async (more: Partial<RemoveKeepOptions> = {}) =>
  removeKeep({ aws: aws(), databases, database: await databases.find(ID), ...more })
const since = async (count: number) => (await emulator.calls()).slice(count).map(({ action }) => action)
const logged = async () => (await emulator.calls()).length

/** Starts it as the console would. */
const startOutside = async () => databases.start(await databases.find(ID))

describe('finding', () => {
  test('one that was never kept costs no call', async () => {
    const before = await logged()
    expect(await find()).toMatchObject({ state: 'none', stopsSoon: false, problems: [] })
    expect(await since(before)).toEqual(['DescribeDBInstances'])
  })

  test('one that is kept', async () => {
    await stopAndKeep()
    expect(await find()).toEqual({
      state: 'on',
      schedule: SCHEDULE,
      role: ROLE,
      every: 'rate(1 hour)',
      action: 'rds:StopDBInstance',
      changes: [],
      problems: [],
      stopsSoon: false,
    })
    expect(keepWarning({ id: ID }, await find())).toBeUndefined()
  })

  test('one that was started by other means will be stopped soon', async () => {
    await stopAndKeep()
    await startOutside()
    const keep = await find()
    expect(keep).toMatchObject({ state: 'on', stopsSoon: true })
    expect(keepWarning({ id: ID }, keep)).toBe(
      `${ID} is kept stopped, but runs: the schedule ${SCHEDULE} stops it within the hour. cruddur rds start ${ID} switches the schedule off.`,
    )
  })

  test('one whose schedule is switched off', async () => {
    await stopAndKeep()
    await startOutside()
    await probe.changeSchedule(SCHEDULE, { State: 'DISABLED' })
    expect(await find()).toMatchObject({ state: 'off', stopsSoon: false, problems: [] })
  })

  test('another rhythm is as good, and told', async () => {
    await stopAndKeep()
    await probe.changeSchedule(SCHEDULE, { ScheduleExpression: 'rate(2 hours)' })
    expect(await find()).toMatchObject({ state: 'on', every: 'rate(2 hours)' })
  })

  test('what is broken is said', async () => {
    await stopAndKeep()
    const target = { Arn: 'arn:aws:sqs:::q', RoleArn: 'arn:aws:iam::1:role/r' }
    await probe.changeSchedule(SCHEDULE, { Target: target })
    expect(await find()).toMatchObject({
      state: 'broken',
      problems: [`the schedule ${SCHEDULE} does not do what it should`],
    })
    await probe.removeSchedule(SCHEDULE)
    await probe.removeRole(ROLE)
    expect(await find()).toMatchObject({
      state: 'broken',
      problems: [`the schedule ${SCHEDULE} is missing`, `its role ${ROLE} is missing`],
    })
    await probe.makeOtherRole(ROLE)
    expect((await find()).problems).toContain(`its role ${ROLE} has other policies`)
  })

  test('who may not look at IAM is not told that it is broken', async () => {
    await stopAndKeep()
    for (const action of ['GetRole', 'GetRolePolicy'])
      await emulator.fault({ action, error: 'AccessDenied', status: 403 })
    expect(await find()).toMatchObject({ state: 'on' })
  })
})

describe('removing', () => {
  test('the schedule goes first, the tag last; again is a success that writes nothing', async () => {
    await stopAndKeep()
    const before = await logged()
    expect(await remove()).toMatchObject({
      state: 'none',
      changes: ['schedule', 'policy', 'role', 'tag'].map((part) => ({ part, done: 'removed' })),
    })
    expect(writes((await emulator.calls()).slice(before))).toEqual([
      `DELETE /schedules/${SCHEDULE}`,
      'DeleteRolePolicy',
      'DeleteRole',
      'RemoveTagsFromResource',
    ])
    expect(await probe.scheduleNames()).toEqual([])
    expect(await probe.roleNames()).toEqual([])
    expect(await probe.tags(ARN)).toEqual({})
    const after = await logged()
    expect(await remove()).toMatchObject({ changes: [] })
    expect(await since(after)).toEqual(['DescribeDBInstances'])
  })

  test('missing parts are fine', async () => {
    await stopAndKeep()
    await probe.removeSchedule(SCHEDULE)
    expect((await remove()).changes.map(({ part }) => part)).toEqual(['policy', 'role', 'tag'])
    expect(await probe.roleNames()).toEqual([])
  })

  test('a part that goes missing meanwhile is fine too', async () => {
    await stopAndKeep()
    await emulator.fault({ action: 'DeleteRole', error: 'NoSuchEntity', status: 404 })
    await emulator.fault({
      action: `DELETE /schedules/${SCHEDULE}`,
      error: 'ResourceNotFoundException',
      status: 404,
    })
    expect(await remove()).toMatchObject({ state: 'none' })
  })

  test('without the tag it is looked for only if that is wanted', async () => {
    await probe.makeOtherRole(ROLE)
    expect(await remove()).toMatchObject({ changes: [] })
    expect(await remove({ thorough: true })).toMatchObject({ changes: [{ part: 'role', done: 'removed' }] })
    expect(await probe.roleNames()).toEqual([])
  })

  test('a dry run removes nothing', async () => {
    await stopAndKeep()
    expect((await remove({ dryRun: true })).changes).toHaveLength(4)
    expect(await probe.scheduleNames()).toEqual([SCHEDULE])
    expect(await probe.roleNames()).toEqual([ROLE])
  })

  test('a failure leaves the tag, so that the next run goes on', async () => {
    await stopAndKeep()
    await emulator.fault({ action: 'DeleteRole', error: 'AccessDenied', status: 403 })
    expect(await failureOf(remove())).toMatchObject({ details: { action: 'iam:DeleteRole' } })
    expect(await probe.scheduleNames()).toEqual([])
    expect((await remove()).changes.map(({ part }) => part)).toEqual(['role', 'tag'])
  })
})
