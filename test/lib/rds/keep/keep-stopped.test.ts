import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Databases } from '../../../../src/lib/rds/databases.ts'
import { keepStopped, type KeepStoppedOptions } from '../../../../src/lib/rds/keep/keep-stopped.ts'
import {
  type AwsEmulator,
  EMULATOR_START_TIMEOUT,
  type Fault,
  startAwsEmulator,
} from '../../../support/aws/emulator.ts'
import { makeInstance } from '../../../support/aws/instance.ts'
import { KeepProbe, writes } from '../../../support/aws/keep.ts'
import { testAwsSession } from '../../../support/aws/session.ts'
import { failureOf } from '../../../support/load.ts'

// Making what keeps a database stopped. That the schedule then stops it cannot be tested: the emulator's never fire.

const ID = 'cruddur-db'
const ROLE = 'cruddur-keep-eu-central-1-cruddur-db'
const SCHEDULE = 'cruddur-keep-cruddur-db'
const ARN = 'arn:aws:rds:eu-central-1:123456789012:db:cruddur-db'
const ALL = ['CreateRole', 'PutRolePolicy', 'AddTagsToResource', `POST /schedules/${SCHEDULE}`]
const NOT_YET = {
  error: 'ValidationException',
  message: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
}

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

const keep = async (more: Partial<KeepStoppedOptions> = {}, id = ID) =>
  keepStopped({
    aws: testAwsSession(emulator),
    databases,
    database: await databases.find(id),
    pace: () => 10,
    ...more,
  })

/** What has been written since the log had so many calls. */
const written = async (since = 0) => writes((await emulator.calls()).slice(since)).slice(since === 0 ? 1 : 0)
const logged = async () => (await emulator.calls()).length
const fault = (action: string, more: Partial<Fault> = {}) => emulator.fault({ action, ...more })
const denied = (action: string, more: Partial<Fault> = {}) =>
  fault(action, { error: 'AccessDeniedException', status: 403, ...more })

/** Nothing is left that a run could have made. */
async function expectNothing(): Promise<void> {
  expect(await probe.roleNames()).toEqual([])
  expect(await probe.scheduleNames()).toEqual([])
  expect(await probe.tags(ARN)).toEqual({})
}

/** All is there as it should be. */
async function expectAll(): Promise<void> {
  const { trustPolicy, policies } = await probe.role(ROLE)
  expect(trustPolicy).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: {
            'aws:SourceAccount': '123456789012',
            'aws:SourceArn': 'arn:aws:scheduler:eu-central-1:123456789012:schedule-group/default',
          },
        },
      },
    ],
  })
  expect(policies).toEqual({
    stop: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'rds:StopDBInstance', Resource: ARN }],
    },
  })
  expect(await probe.schedule(SCHEDULE)).toMatchObject({
    GroupName: 'default',
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
    Target: {
      Arn: 'arn:aws:scheduler:::aws-sdk:rds:stopDBInstance',
      RoleArn: `arn:aws:iam::123456789012:role/${ROLE}`,
      Input: '{"DbInstanceIdentifier":"cruddur-db"}',
      RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    },
  })
  expect(await probe.tags(ARN)).toMatchObject({ 'cruddur:keep-stopped': 'true' })
}

describe('from nothing', () => {
  test('role, policy, tag and schedule are made, in this order', async () => {
    expect(await keep()).toEqual({
      state: 'on',
      schedule: SCHEDULE,
      role: ROLE,
      every: 'rate(1 hour)',
      action: 'rds:StopDBInstance',
      changes: ['role', 'policy', 'tag', 'schedule'].map((part) => ({ part, done: 'created' })),
    })
    await expectAll()
    expect(await written()).toEqual(ALL)
  })

  test('again writes nothing', async () => {
    await keep()
    const before = await logged()
    expect(await keep()).toMatchObject({ state: 'on', changes: [] })
    expect(await written(before)).toEqual([])
  })

  test('a dry run says the same, and writes nothing', async () => {
    const { changes } = await keep({ dryRun: true })
    expect(changes.map(({ part }) => part)).toEqual(['role', 'policy', 'tag', 'schedule'])
    expect(await written()).toEqual([])
  })

  test('a cluster', async () => {
    const rds = new RDSClient(testAwsSession(emulator).clientOptions)
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'cruddur-cluster',
        Engine: 'aurora-postgresql',
        MasterUsername: 'cruddurroot',
        MasterUserPassword: 'not-a-secret-1',
      }),
    )
    rds.destroy()
    await keep({}, 'cruddur-cluster')
    const { policies } = await probe.role('cruddur-keep-eu-central-1-cluster.cruddur-cluster')
    const arn = 'arn:aws:rds:eu-central-1:123456789012:cluster:cruddur-cluster'
    expect(policies['stop']).toMatchObject({ Statement: [{ Action: 'rds:StopDBCluster', Resource: arn }] })
    expect(await probe.schedule('cruddur-keep-cluster.cruddur-cluster')).toMatchObject({
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:rds:stopDBCluster',
        Input: '{"DbClusterIdentifier":"cruddur-cluster"}',
      },
    })
    expect(await probe.tags(arn)).toMatchObject({ 'cruddur:keep-stopped': 'true' })
  })
})

describe('from what is half made', () => {
  test('a role of that name with other rights is set right', async () => {
    await probe.makeOtherRole(ROLE)
    const before = await logged()
    expect((await keep()).changes.map(({ part, done }) => `${part} ${done}`)).toEqual([
      'role updated',
      'policy created',
      'tag created',
      'schedule created',
    ])
    await expectAll()
    expect((await written(before))[0]).toBe('UpdateAssumeRolePolicy')
  })

  test.each([
    ['switched off', { State: 'DISABLED' as const }],
    ['another rhythm', { ScheduleExpression: 'rate(5 minutes)' }],
    ['an end', { EndDate: new Date('2030-01-01') }],
    [
      'another target',
      { Target: { Arn: 'arn:aws:sqs:::q', RoleArn: `arn:aws:iam::1:role/other`, Input: '{}' } },
    ],
  ])('a schedule with %s is set right, and nothing else', async (_, fields) => {
    await keep()
    await probe.changeSchedule(SCHEDULE, fields)
    const before = await logged()
    expect((await keep()).changes).toEqual([{ part: 'schedule', done: 'updated' }])
    expect(await written(before)).toEqual([`PUT /schedules/${SCHEDULE}`])
    await expectAll()
    expect((await probe.schedule(SCHEDULE)).EndDate ?? undefined).toBeUndefined()
  })

  test('a queue that somebody has added to the schedule stays', async () => {
    await keep()
    const { Target } = await probe.schedule(SCHEDULE)
    const queue = { DeadLetterConfig: { Arn: 'arn:aws:sqs:eu-central-1:123456789012:dead' } }
    await probe.changeSchedule(SCHEDULE, { State: 'DISABLED', Target: { ...Target!, ...queue } })
    await keep()
    await expectAll()
    expect((await probe.schedule(SCHEDULE)).Target).toMatchObject(queue)
    expect((await keep()).changes).toEqual([])
  })

  test('another run is making the same: what it was faster with is updated', async () => {
    await keep()
    for (const action of ['GetRole', `GET /schedules/${SCHEDULE}`])
      await fault(action, {
        error: action === 'GetRole' ? 'NoSuchEntity' : 'ResourceNotFoundException',
        status: 404,
      })
    const before = await logged()
    await keep()
    expect(await written(before)).toEqual([
      'CreateRole',
      'UpdateAssumeRolePolicy',
      `POST /schedules/${SCHEDULE}`,
      `PUT /schedules/${SCHEDULE}`,
    ])
    await expectAll()
  })
})

describe('a role that Scheduler does not know yet', () => {
  const create = `POST /schedules/${SCHEDULE}`

  test('is waited for', async () => {
    await fault(create, { ...NOT_YET, times: 3 })
    await keep()
    await expectAll()
    expect((await written()).filter((action) => action === create)).toHaveLength(4)
  })

  test('is not waited for forever; the next run goes on', async () => {
    await fault(create, { ...NOT_YET, times: -1 })
    const error = await failureOf(keep({ spreading: 100 }))
    expect(error).toMatchObject({ code: 'KEEP_ROLE_UNUSABLE', details: { role: ROLE } })
    expect(error.context).toContain(`There is already: the role ${ROLE}`)
    expect(error.context).toContain(`cruddur rds stop ${ID} --no-keep --region eu-central-1`)
    expect(await probe.roleNames()).toEqual([ROLE])
  })

  test('another complaint is an error at once', async () => {
    await fault(create, { error: 'ValidationException', message: 'No such thing.', times: -1 })
    expect(await failureOf(keep())).toMatchObject({ code: 'AWS_ERROR' })
    expect((await written()).filter((action) => action === create)).toHaveLength(1)
    await expectNothing()
  })
})

describe('failures', () => {
  const roleArn = `arn:aws:iam::123456789012:role/${ROLE}`

  test.each([
    ['CreateRole', 'iam:CreateRole', roleArn],
    ['PutRolePolicy', 'iam:PutRolePolicy', roleArn],
    ['AddTagsToResource', 'rds:AddTagsToResource', ARN],
    [
      `POST /schedules/${SCHEDULE}`,
      'scheduler:CreateSchedule',
      `arn:aws:scheduler:eu-central-1:123456789012:schedule/default/${SCHEDULE}`,
    ],
  ])('%s is not allowed: what was made is removed', async (action, permission, resource) => {
    await denied(action)
    const error = await failureOf(keep())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED', details: { action: permission } })
    expect(error.context).toContain(`"Action": "${permission}"`)
    expect(error.context).toContain(`"Resource": "${resource}"`)
    expect(error.context).toContain(`${ID} is left available, and is not kept stopped.`)
    expect(error.context).not.toContain('There is already')
    await expectNothing()
  })

  test('the role may not be handed over: that permission is the one that is named', async () => {
    await denied(`POST /schedules/${SCHEDULE}`, {
      message: `User: arn:aws:iam::1:user/ana is not authorized to perform: iam:PassRole on resource: ${roleArn}`,
    })
    const error = await failureOf(keep())
    expect(error).toMatchObject({ code: 'AWS_NOT_ALLOWED', details: { action: 'iam:PassRole' } })
    expect(error.context).toContain(`"Resource": "${roleArn}"`)
    await expectNothing()
  })

  test('nor removed: what is left is named, with the way on and the way back', async () => {
    await denied(`POST /schedules/${SCHEDULE}`)
    await denied('DeleteRole')
    const { context } = await failureOf(keep())
    expect(context).toContain(`There is already: the role ${ROLE}.`)
    expect(context).toContain(`cruddur rds stop ${ID} --keep --region eu-central-1`)
    expect(await probe.roleNames()).toEqual([ROLE])
    expect(await probe.scheduleNames()).toEqual([])
  })

  test('what was there before stays', async () => {
    await keep()
    await probe.removeSchedule(SCHEDULE)
    await denied(`POST /schedules/${SCHEDULE}`)
    await failureOf(keep())
    expect(await probe.roleNames()).toEqual([ROLE])
    expect(await probe.tags(ARN)).toMatchObject({ 'cruddur:keep-stopped': 'true' })
  })

  test('the network fails half way: what was made stays, and the next run goes on', async () => {
    await fault('AddTagsToResource', { drop: true, times: 4 })
    const error = await failureOf(keep())
    expect(error).toMatchObject({ code: 'AWS_UNREACHABLE', kind: 'unreachable' })
    expect(error.context).toContain(`There is already: the role ${ROLE}, its policy.`)
    const before = await logged()
    await keep()
    expect(await written(before)).toEqual(['AddTagsToResource', `POST /schedules/${SCHEDULE}`])
    await expectAll()
  }, 30_000)

  test('the answer is lost: the schedule is there all the same', async () => {
    await fault(`POST /schedules/${SCHEDULE}`, { dropAfter: true })
    await keep()
    await expectAll()
  }, 30_000)
})
