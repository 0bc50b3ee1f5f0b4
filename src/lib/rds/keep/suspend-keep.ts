import type { VerbOptions } from '../../progress.ts'
import { cruddurCommand } from '../resume.ts'
import { isTagged } from './plan.ts'
import { type KeepResult, keepResult } from './result.ts'
import { retell } from './retell.ts'
import { isRoleUnusable } from './role-unusable.ts'
import { type KeepOptions, type KeepServices, withKeepServices } from './services.ts'

export interface SuspendKeepOptions extends KeepOptions, VerbOptions {
  dryRun?: boolean | undefined
}

/**
 * Switches the schedule off that keeps a database stopped, before it is started: it would be stopped again within the
 * hour. One without our tag costs no call.
 * @returns `undefined` when there is none
 * @throws {CruddurError} `AWS_…`: then it must not be started
 */
export async function suspendKeep(options: SuspendKeepOptions): Promise<KeepResult | undefined> {
  const { database, aws } = options
  if (!isTagged(database)) return undefined
  return withKeepServices(options, async (services) => {
    try {
      return await suspend(services, options)
    } catch (error) {
      throw retell(error, {
        prefix: `${database.id} is left ${database.status}: the schedule ${services.plan.schedule}, which would stop it again within the hour, could not be switched off.`,
        context: `Who may do so switches it off in the console (EventBridge Scheduler), or removes it: ${cruddurCommand(`rds stop ${database.id} --no-keep`, aws)}`,
      })
    }
  })
}

async function suspend(
  { plan, schedules }: KeepServices,
  { database, dryRun = false, onProgress }: SuspendKeepOptions,
): Promise<KeepResult> {
  const schedule = await schedules.find(plan)
  if (!schedule) return keepResult(plan, 'none')
  if (schedule.State === 'DISABLED') return keepResult(plan, 'off')
  if (dryRun) return keepResult(plan, 'off', [{ part: 'schedule', done: 'updated' }])
  const tell = (what: string) =>
    onProgress?.({
      type: 'note',
      level: 'info',
      text: `The schedule ${plan.schedule} is ${what}: it would stop ${database.id} again`,
    })
  try {
    await schedules.update(plan, { ...schedule, State: 'DISABLED' })
  } catch (error) {
    // Not even switched off may a schedule be written whose role is gone.
    if (!isRoleUnusable(error)) throw error
    await schedules.remove(plan)
    tell('removed, as its role is gone')
    return keepResult(plan, 'none', [{ part: 'schedule', done: 'removed' }])
  }
  tell('switched off')
  return keepResult(plan, 'off', [{ part: 'schedule', done: 'updated' }])
}
