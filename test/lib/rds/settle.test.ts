import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Databases } from '../../../src/lib/rds/databases.ts'
import { settle, type SettleOptions } from '../../../src/lib/rds/settle.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../support/aws/emulator.ts'
import { makeInstance } from '../../support/aws/instance.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { failureOf } from '../../support/load.ts'

// Waiting for a database whose statuses take time.

let emulator: AwsEmulator
let databases: Databases

beforeAll(async () => {
  emulator = await startAwsEmulator()
  databases = new Databases(testAwsSession(emulator))
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  databases?.close()
  await emulator?.stop()
})

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, 'cruddur-db')
})

const wait = (more: Partial<SettleOptions> = {}) =>
  settle({
    databases,
    id: 'cruddur-db',
    goal: 'available',
    doing: 'Creating cruddur-db',
    resume: 'To wait on: cruddur rds create cruddur-db',
    pace: () => 10,
    ...more,
  })

/** Makes the next looks see these statuses, one each. */
async function see(...statuses: string[]): Promise<void> {
  for (const status of statuses)
    await emulator.fault({
      action: 'DescribeDBInstances',
      rewrite: [['<DBInstanceStatus>available<', `<DBInstanceStatus>${status}<`]],
    })
}

const missing = (times: number) =>
  emulator.fault({ action: 'DescribeDBInstances', error: 'DBInstanceNotFound', status: 404, times })

test('each status is told once, with the time it came after', async () => {
  await see('creating', 'creating', 'backing-up')
  const texts: string[] = []
  const database = await wait({
    onProgress: (event) => void (event.type === 'note' && texts.push(event.text)),
  })
  expect(database).toMatchObject({ kind: 'instance', id: 'cruddur-db', status: 'available' })
  expect(texts.map((text) => text.replace(/\(after [\d.]+ m?s\)/, '(then)'))).toEqual([
    'cruddur-db is creating (then)',
    'cruddur-db is backing-up (then)',
    'cruddur-db is available (then)',
  ])
})

describe('a database that is not there', () => {
  test('is waited for while that is to be expected', async () => {
    await missing(2)
    expect(await wait({ grace: 60_000 })).toMatchObject({ status: 'available' })
  })

  test('is an error afterwards', async () => {
    await missing(-1)
    expect(await failureOf(wait({ grace: 30 }))).toMatchObject({ code: 'INSTANCE_NOT_FOUND' })
  })

  test('is what was wanted of one that is deleted', async () => {
    await see('deleting', 'deleting')
    await emulator.fault({
      action: 'DescribeDBInstances',
      error: 'DBInstanceNotFound',
      status: 404,
      after: 2,
    })
    expect(await wait({ goal: 'gone' })).toBeUndefined()
  })
})

test('available is not believed before AWS can have begun', async () => {
  const before = performance.now()
  await wait({ lag: 100 })
  expect(performance.now() - before).toBeGreaterThanOrEqual(99)
})

test.each(['failed', 'incompatible-network', 'deleting'])('%s is an end', async (status) => {
  await see(status)
  expect(await failureOf(wait())).toMatchObject({ code: 'INSTANCE_BROKEN', details: { status } })
})

test('it takes too long: how to wait on is said', async () => {
  await see(...Array.from({ length: 50 }, () => 'creating'))
  const error = await failureOf(wait({ timeout: 100 }))
  expect(error).toMatchObject({ code: 'AWS_TIMEOUT', kind: 'unreachable', details: { status: 'creating' } })
  expect(error.hint).toContain('To wait on: cruddur rds create cruddur-db')
})

test('Ctrl-C: AWS goes on, and so does who wants to', async () => {
  await see('creating')
  const abort = new AbortController()
  const failure = failureOf(
    wait({ signal: abort.signal, pace: () => 60_000, onProgress: () => abort.abort() }),
  )
  expect(await failure).toMatchObject({
    kind: 'interrupted',
    hint: 'To wait on: cruddur rds create cruddur-db',
  })
})
