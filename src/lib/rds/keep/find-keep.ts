import { CruddurError } from '../../errors.ts'
import { type Phase, phaseOf } from '../database-phase.ts'
import { isRoleAsPlanned } from './parts.ts'
import { isTagged, planKeep } from './plan.ts'
import { stopsIt } from './planned-schedule.ts'
import { type KeepResult, keepResult } from './result.ts'
import type { Schedule } from './schedules.ts'
import { type KeepOptions, type KeepServices, withKeepServices } from './services.ts'

/** Whether a database is kept stopped. */
export interface Keep extends KeepResult {
  /** What is wrong, if it is `broken`: sentences without a full stop. */
  problems: readonly string[]
  /** Whether it runs and will be stopped within the hour: somebody has started it by other means than `rds start`. */
  stopsSoon: boolean
}

/** Phases in which AWS does what the schedule asks for. */
const STOPPABLE: ReadonlySet<Phase> = new Set(['up', 'rising', 'busy'])

/**
 * Looks whether a database is kept stopped. One without our tag costs no call. Where IAM may not be looked at, the role is
 * taken to be right.
 * @throws {CruddurError} `AWS_…`
 */
export async function findKeep(options: KeepOptions): Promise<Keep> {
  const { database } = options
  const plan = planKeep(database)
  if (!isTagged(database)) return { ...keepResult(plan, 'none'), problems: [], stopsSoon: false }
  return withKeepServices(options, async (services) => {
    const [schedule, ofRole] = await Promise.all([services.schedules.find(plan), problemsOfRole(services)])
    const every = schedule?.ScheduleExpression ?? plan.every
    if (schedule?.State === 'DISABLED')
      return { ...keepResult(plan, 'off'), every, problems: [], stopsSoon: false }
    const problems = [...problemsOfSchedule(services, schedule), ...ofRole]
    const state = problems.length === 0 ? 'on' : 'broken'
    const stopsSoon = state === 'on' && STOPPABLE.has(phaseOf(database.status))
    return { ...keepResult(plan, state), every, problems, stopsSoon }
  })
}

function problemsOfSchedule({ plan }: KeepServices, schedule: Schedule | undefined): string[] {
  if (!schedule) return [`the schedule ${plan.schedule} is missing`]
  return stopsIt(plan, schedule) ? [] : [`the schedule ${plan.schedule} does not do what it should`]
}

async function problemsOfRole({ plan, roles }: KeepServices): Promise<string[]> {
  try {
    const [trustPolicy, policy] = await Promise.all([roles.trustPolicy(plan), roles.policy(plan)])
    if (trustPolicy === undefined) return [`its role ${plan.role} is missing`]
    return isRoleAsPlanned(plan, { trustPolicy, policy }) ? [] : [`its role ${plan.role} has other policies`]
  } catch (error) {
    if (error instanceof CruddurError && error.code === 'AWS_NOT_ALLOWED') return []
    throw error
  }
}
