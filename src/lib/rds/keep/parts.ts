import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../database.ts'
import { isTagged, type KeepPlan } from './plan.ts'
import { isAsPlanned } from './planned-schedule.ts'
import type { KeepChange, KeepPart } from './result.ts'
import type { Schedule } from './schedules.ts'
import type { KeepServices } from './services.ts'

/** What there is of the parts. */
export interface KeepParts {
  /** Who may take the role on; `undefined` when there is no role. */
  trustPolicy: unknown
  /** What the role may do; `undefined` when nothing. */
  policy: unknown
  tagged: boolean
  schedule: Schedule | undefined
}

/** Looks at all parts. */
export async function readParts(
  { plan, roles, schedules }: KeepServices,
  database: Database,
): Promise<KeepParts> {
  const [schedule, trustPolicy, policy] = await Promise.all([
    schedules.find(plan),
    roles.trustPolicy(plan),
    roles.policy(plan),
  ])
  return { schedule, trustPolicy, policy, tagged: isTagged(database) }
}

/** What is to be changed for the parts to be as planned. */
export function partsToChange(plan: KeepPlan, parts: KeepParts): KeepChange[] {
  const { trustPolicy, policy, schedule, tagged } = parts
  const changes: (KeepChange | undefined)[] = [
    change('role', trustPolicy, isDeepStrictEqual(trustPolicy, plan.trustPolicy)),
    change('policy', policy, isDeepStrictEqual(policy, plan.policy)),
    change('tag', tagged || undefined, true),
    change('schedule', schedule, schedule !== undefined && isAsPlanned(plan, schedule)),
  ]
  return changes.filter((one) => one !== undefined)
}

/** Whether nothing of a role is to be changed. */
export function isRoleAsPlanned(
  plan: KeepPlan,
  { trustPolicy, policy }: Pick<KeepParts, 'trustPolicy' | 'policy'>,
): boolean {
  return isDeepStrictEqual(trustPolicy, plan.trustPolicy) && isDeepStrictEqual(policy, plan.policy)
}

function change(part: KeepPart, present: unknown, isRight: boolean): KeepChange | undefined {
  if (present === undefined) return { part, done: 'created' }
  return isRight ? undefined : { part, done: 'updated' }
}
