import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { KeepProbe } from '../support/aws/keep.ts'
import { cruddur } from '../support/cli.ts'

// `cruddur rds stop --keep` and what follows from it, as they are typed.

const ROLE = 'cruddur-keep-eu-central-1-cruddur-db'
const SCHEDULE = 'cruddur-keep-cruddur-db'
const PARTS = [
  `the role ${ROLE}, for EventBridge Scheduler only.`,
  'its policy: rds:StopDBInstance, and of this database only.',
  'the tag on the database by which rds start knows of the schedule.',
  `the schedule ${SCHEDULE}: rds:StopDBInstance, rate(1 hour).`,
]

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
  await makeInstance(emulator, 'cruddur-db')
})

/** With --no-wait, as it would wait some seconds until it looks again. */
const rds = (words: string) =>
  cruddur(['rds', ...words.split(' '), 'cruddur-db', '--no-wait'], { env: emulator.environment })

test('what it would do, what it does, and what start and --no-keep undo', async () => {
  expect((await rds('stop --keep --dry-run')).stdout.trimEnd().split('\n')).toEqual([
    'Would stop cruddur-db (available).',
    ...PARTS.map((part) => `Would create ${part}`),
  ])
  expect(await probe.roleNames()).toEqual([])

  const kept = await rds('stop --keep')
  expect(kept.code).toBe(0)
  expect(kept.stdout.trimEnd().split('\n').slice(1)).toEqual([
    ...PARTS.map((part) => `Created ${part}`),
    `AWS starts it by itself after seven days; the schedule ${SCHEDULE} stops it again within the hour.`,
  ])
  expect((await rds('stop --keep')).stdout.trimEnd().split('\n')).toEqual([
    'cruddur-db was stopped already.',
    `AWS starts it by itself after seven days; the schedule ${SCHEDULE} stops it again within the hour.`,
  ])

  expect((await rds('start --dry-run')).stdout).toContain(`Would first switch off the schedule ${SCHEDULE}`)
  const started = await rds('start')
  expect(started.stderr).toContain(`The schedule ${SCHEDULE} is switched off: it would stop cruddur-db again`)
  expect(started.stdout).toContain(`Switched off first: the schedule ${SCHEDULE}`)
  expect((await rds('stop')).stdout).toContain(
    `The schedule ${SCHEDULE} is switched off; --keep switches it on again.`,
  )

  expect((await rds('stop --keep --dry-run')).stdout.trimEnd().split('\n')).toEqual([
    'cruddur-db is stopped.',
    `Would update ${PARTS[3]}`,
  ])
  const removed = await rds('stop --no-keep')
  expect(removed.stdout).toContain(`Removed ${PARTS[3]}`)
  expect(await probe.scheduleNames()).toEqual([])
  expect(await probe.roleNames()).toEqual([])
}, 60_000)

test('when AWS will start it stands in the same line', async () => {
  await rds('stop --keep')
  const restart = '<AutomaticRestartTime>2026-11-28T10:00:00Z</AutomaticRestartTime>'
  await emulator.fault({
    action: 'DescribeDBInstances',
    rewrite: [['</DBInstanceStatus>', `</DBInstanceStatus>${restart}`]],
  })
  expect((await rds('stop')).stdout).toContain(
    `AWS will start it by itself on 2026-11-28T10:00:00.000Z; the schedule ${SCHEDULE} stops it again within the hour.`,
  )
})

test('with --json it is one object', async () => {
  const { stdout, stderr } = await rds('stop --keep --json')
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'cruddur-db',
    changed: true,
    keep: {
      state: 'on',
      schedule: SCHEDULE,
      role: ROLE,
      every: 'rate(1 hour)',
      action: 'rds:StopDBInstance',
      changes: ['role', 'policy', 'tag', 'schedule'].map((part) => ({ part, done: 'created' })),
    },
  })
})

test('a missing permission: exit code 1, the smallest policy, and that nothing is left', async () => {
  await emulator.fault({ action: `POST /schedules/`, error: 'AccessDeniedException', status: 403 })
  const { code, stderr } = await rds('stop --keep')
  expect(code).toBe(1)
  expect(stderr).toContain('"Action": "scheduler:CreateSchedule"')
  expect(stderr).toContain('cruddur-db is left available, and is not kept stopped.')
  expect(await probe.roleNames()).toEqual([])
})
