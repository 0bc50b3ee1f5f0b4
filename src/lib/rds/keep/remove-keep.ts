import type { Databases } from '../databases.ts'
import { TAG } from '../tags.ts'
import { readParts } from './parts.ts'
import { isTagged, planKeep } from './plan.ts'
import { type KeepPart, type KeepResult, keepResult } from './result.ts'
import { type KeepOptions, withKeepServices } from './services.ts'

export interface RemoveKeepOptions extends KeepOptions {
  databases: Databases
  /** Whether it is looked for also where the database does not bear our tag: an earlier run may have got half way. */
  thorough?: boolean | undefined
  dryRun?: boolean | undefined
}

/**
 * Removes what keeps a database stopped: first the schedule, then what its role may do, the role, and the tag. Parts that
 * are missing are fine. One without our tag costs no call, unless `thorough`.
 * @throws {CruddurError} `AWS_…`; running it again goes on
 */
export async function removeKeep(options: RemoveKeepOptions): Promise<KeepResult> {
  const { database, databases, thorough = false, dryRun = false } = options
  if (!thorough && !isTagged(database)) return keepResult(planKeep(database), 'none')
  return withKeepServices(options, async (services) => {
    const { plan, roles, schedules } = services
    const { schedule, trustPolicy, policy, tagged } = await readParts(services, database)
    const present: readonly [KeepPart, boolean, () => Promise<void>][] = [
      ['schedule', schedule !== undefined, () => schedules.remove(plan)],
      ['policy', policy !== undefined, () => roles.removePolicy(plan)],
      ['role', trustPolicy !== undefined, () => roles.remove(plan)],
      ['tag', tagged, () => databases.untag(database, [TAG.keepStopped])],
    ]
    const parts = present.filter(([, isThere]) => isThere)
    // oxlint-disable-next-line no-await-in-loop -- what could do harm goes first, and a role goes after its policy
    if (!dryRun) for (const [, , remove] of parts) await remove()
    return keepResult(
      plan,
      'none',
      parts.map(([part]) => ({ part, done: 'removed' })),
    )
  })
}
