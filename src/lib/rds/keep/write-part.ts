import { isAwsError } from '../../aws/errors.ts'
import { CruddurError } from '../../errors.ts'
import type { Database } from '../database.ts'
import type { Databases } from '../databases.ts'
import { poll, type PollOptions } from '../../poll.ts'
import { TAG } from '../tags.ts'
import type { KeepChange } from './result.ts'
import { isRoleUnusable } from './role-unusable.ts'
import type { Schedule } from './schedules.ts'
import type { KeepServices } from './services.ts'

interface Work extends KeepServices {
  databases: Databases
  database: Database
  spreading?: number | undefined
  pace?: PollOptions['pace']
  signal?: AbortSignal | undefined
}

/** Milliseconds for which a new role may be unknown to Scheduler, and between two attempts. */
const SPREADING = 30_000
const ATTEMPT = 2000

/**
 * Creates or updates one part.
 * @param schedule as it is to be
 * @returns whether it was not there before
 * @throws {CruddurError} `KEEP_ROLE_UNUSABLE`, `AWS_…`
 */
export async function writePart(
  work: Work,
  { part, done }: KeepChange,
  schedule: Schedule,
): Promise<boolean> {
  const { plan, roles, databases, database, schedules } = work
  const isNew = done === 'created'
  if (part === 'role')
    return createOrUpdate(isNew ? () => roles.create(plan) : undefined, () => roles.setTrustPolicy(plan))
  if (part === 'schedule')
    return onceRoleIsKnown(work, () =>
      createOrUpdate(isNew ? () => schedules.create(plan, schedule) : undefined, () =>
        schedules.update(plan, schedule),
      ),
    )
  if (part === 'policy') await roles.setPolicy(plan)
  else await databases.tag(database, { [TAG.keepStopped]: 'true' })
  return isNew
}

/** What somebody else has created meanwhile is updated. */
async function createOrUpdate(
  create: (() => Promise<void>) | undefined,
  update: () => Promise<void>,
): Promise<boolean> {
  try {
    await create?.()
    if (create) return true
  } catch (error) {
    if (!isAwsError(error, 'EntityAlreadyExists') && !isAwsError(error, 'Conflict')) throw error
  }
  await update()
  return false
}

async function onceRoleIsKnown<T>(
  { plan, spreading = SPREADING, pace = () => ATTEMPT, signal }: Work,
  work: () => Promise<T>,
): Promise<T> {
  let cause: unknown
  const attempt = async () => {
    try {
      return { written: await work() }
    } catch (error) {
      if (!isRoleUnusable(error)) throw error
      cause = error
      return undefined
    }
  }
  const done = await poll(attempt, { timeout: spreading, pace, signal })
  if (done) return done.written
  throw new CruddurError(
    `EventBridge Scheduler may not take on the role ${plan.role}, and it has been waited for.`,
    {
      code: 'KEEP_ROLE_UNUSABLE',
      hint: 'IAM may take longer to make it known: run the same command again in a minute.',
      details: { role: plan.role, schedule: plan.schedule },
      cause,
    },
  )
}
