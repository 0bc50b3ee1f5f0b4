import { isDeepStrictEqual } from 'node:util'
import type { KeepPlan } from './plan.ts'
import type { Schedule } from './schedules.ts'

/** An event that is a minute late is dropped: the next one comes soon, and by then the database may be wanted. */
const RETRIES = { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }

/** The schedule as it is to be. What a person may have added to it, such as a queue for dead letters, stays. */
export function plannedSchedule(plan: KeepPlan, before?: Schedule): Schedule {
  const { StartDate: _start, EndDate: _end, ...others } = before ?? {}
  return {
    ...others,
    Name: plan.schedule,
    Description: plan.description,
    ScheduleExpression: plan.every,
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
    Target: {
      ...before?.Target,
      Arn: plan.target,
      RoleArn: plan.roleArn,
      Input: plan.input,
      RetryPolicy: RETRIES,
    },
  }
}

/** Whether nothing of a schedule is to be changed. */
export function isAsPlanned(plan: KeepPlan, schedule: Schedule): boolean {
  return isDeepStrictEqual(plannedSchedule(plan, schedule), schedule)
}

/** Whether a schedule, if it is switched on, stops the database, however often. */
export function stopsIt(plan: KeepPlan, { Target, StartDate, EndDate }: Schedule): boolean {
  return (
    Target?.Arn === plan.target &&
    Target.RoleArn === plan.roleArn &&
    Target.Input === plan.input &&
    StartDate === undefined &&
    EndDate === undefined
  )
}
