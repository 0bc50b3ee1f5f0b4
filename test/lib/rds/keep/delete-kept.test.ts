import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { deleteDatabase, type DeleteOptions } from '../../../../src/lib/rds/delete/delete.ts'
import { stopInstance } from '../../../../src/lib/rds/power.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { KeepProbe, writes } from '../../../support/aws/keep.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Deleting a database that is kept stopped.

const ID = 'cruddur-db'
const SCHEDULE = 'cruddur-keep-cruddur-db'

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
  await stopInstance({ aws: testAwsSession(emulator), id: ID, keep: true, pace: () => 10 })
})

const remove = (more: Partial<DeleteOptions> = {}) =>
  deleteDatabase({
    aws: testAwsSession(emulator),
    id: ID,
    confirmation: ID,
    pace: () => 10,
    ...more,
  })

test('what keeps it stopped goes before it is started for its final snapshot', async () => {
  const before = (await emulator.calls()).length
  const { plan, status } = await remove()
  expect(status).toBe('gone')
  expect(plan.at(-1)).toContain('what keeps it stopped is removed')
  const done = writes((await emulator.calls()).slice(before))
  const order = [`DELETE /schedules/${SCHEDULE}`, 'DeleteRole', 'StartDBInstance', 'DeleteDBInstance']
  expect(done.filter((action) => order.includes(action))).toEqual(order)
  expect(await probe.scheduleNames()).toEqual([])
  expect(await probe.roleNames()).toEqual([])
})

test('who does not confirm, or only looks, removes nothing', async () => {
  expect(await failureOf(remove({ confirmation: 'another' }))).toMatchObject({ code: 'NOT_CONFIRMED' })
  await remove({ dryRun: true })
  expect(await probe.scheduleNames()).toEqual([SCHEDULE])
})

test('what cannot be removed keeps it from being deleted', async () => {
  await emulator.fault({ action: 'DeleteRole', error: 'AccessDenied', status: 403 })
  expect(await failureOf(remove())).toMatchObject({ details: { action: 'iam:DeleteRole' } })
  expect((await emulator.calls()).map(({ action }) => action)).not.toContain('DeleteDBInstance')
  await remove()
  expect(await probe.roleNames()).toEqual([])
})
