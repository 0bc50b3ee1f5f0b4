import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  SchedulerClient,
  UpdateScheduleCommand,
  type UpdateScheduleInput,
} from '@aws-sdk/client-scheduler'
import { callAws, isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import type { KeepPlan } from './plan.ts'

/** A schedule as Scheduler describes it, as far as it can be written back. */
export type Schedule = UpdateScheduleInput

/** The schedules of a region. Loads the SDK: to be imported when it is needed. */
export class Schedules extends ServiceClient<SchedulerClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('scheduler', new SchedulerClient(aws.clientOptions), aws, signal)
  }

  /** The schedule as it is; `undefined` when there is none. */
  async find({ schedule, scheduleArn }: KeepPlan): Promise<Schedule | undefined> {
    try {
      const command = new GetScheduleCommand({ Name: schedule })
      return writable(
        await this.call('GetSchedule', schedule, scheduleArn, (client, sending) =>
          client.send(command, sending),
        ),
      )
    } catch (error) {
      if (isAwsError(error, 'ResourceNotFound')) return undefined
      throw error
    }
  }

  /** Makes a schedule. */
  async create(plan: KeepPlan, schedule: Schedule): Promise<void> {
    await this.#callPassingRole('CreateSchedule', plan, (client, sending) =>
      client.send(new CreateScheduleCommand(schedule), sending),
    )
  }

  /** Replaces a schedule: every field of it. */
  async update(plan: KeepPlan, schedule: Schedule): Promise<void> {
    await this.#callPassingRole('UpdateSchedule', plan, (client, sending) =>
      client.send(new UpdateScheduleCommand(schedule), sending),
    )
  }

  /** Removes the schedule; it may be gone already. */
  async remove({ schedule, scheduleArn }: KeepPlan): Promise<void> {
    try {
      await this.call('DeleteSchedule', schedule, scheduleArn, (client, sending) =>
        client.send(new DeleteScheduleCommand({ Name: schedule }), sending),
      )
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFound')) throw error
    }
  }

  /** Who writes a schedule hands its role over, which is a permission of its own: when it is missing, that one is named. */
  #callPassingRole<T>(
    action: string,
    { schedule, scheduleArn, roleArn }: KeepPlan,
    work: (client: SchedulerClient, sending: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const handOver = { action: 'iam:PassRole', resource: roleArn, policyResource: roleArn, aws: this.aws }
    return this.call(action, schedule, scheduleArn, (client, sending) =>
      work(client, sending).catch((error: unknown) =>
        error instanceof Error && error.message.includes('iam:PassRole')
          ? callAws(handOver, () => Promise.reject(error))
          : Promise.reject(error as Error),
      ),
    )
  }
}

/** What AWS alone sets, and what is no field of the schedule. */
const READ_ONLY: ReadonlySet<string> = new Set([
  '$metadata',
  'Arn',
  'CreationDate',
  'LastModificationDate',
] satisfies (keyof GetScheduleCommandOutput)[])

/** All that can be written back, without what is not set. */
function writable(found: GetScheduleCommandOutput): Schedule {
  const fields = Object.entries(found).filter(
    ([name, value]) => !READ_ONLY.has(name) && value !== undefined && value !== null,
  )
  return Object.fromEntries(fields) as unknown as Schedule
}
