import { CruddurError, InterruptedError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import type { Databases } from '../databases.ts'
import type { PollOptions } from '../../poll.ts'
import { cruddurCommand } from '../resume.ts'
import { TAG } from '../tags.ts'
import { partsToChange, readParts } from './parts.ts'
import { plannedSchedule } from './planned-schedule.ts'
import { type KeepChange, type KeepPart, type KeepResult, keepResult } from './result.ts'
import { retell } from './retell.ts'
import type { Schedule } from './schedules.ts'
import { type KeepOptions, type KeepServices, withKeepServices } from './services.ts'
import { writePart } from './write-part.ts'

export interface KeepStoppedOptions extends KeepOptions, VerbOptions {
  databases: Databases
  dryRun?: boolean | undefined
  /** Milliseconds for which a role that was just made may be unknown to Scheduler; 30 s by default. */
  spreading?: number | undefined
  pace?: PollOptions['pace']
}

/** What the steps are given. */
interface Work extends KeepStoppedOptions, KeepServices {}

/**
 * Sees to it that a database stays stopped: once an hour a schedule stops it, through a role that may do nothing else. It
 * may be run again and again, from every half-made state, and writes nothing where all is right.
 *
 * The order is one in which every end half way is harmless: the role, what it may do, the tag by which `rds start` knows
 * that there is a schedule to switch off, and only then the schedule. What a refusal of AWS leaves half-made is removed
 * again; after a failure of the network, or Ctrl-C, it stays for the next run.
 * @throws {CruddurError} `KEEP_ROLE_UNUSABLE`, `AWS_…`
 */
export function keepStopped(options: KeepStoppedOptions): Promise<KeepResult> {
  return withKeepServices(options, async (services) => {
    const work = { ...options, ...services }
    const parts = await readParts(services, options.database)
    const changes = partsToChange(services.plan, parts)
    if (!options.dryRun) await make(work, changes, plannedSchedule(services.plan, parts.schedule))
    return keepResult(services.plan, 'on', changes)
  })
}

async function make(work: Work, changes: readonly KeepChange[], schedule: Schedule): Promise<void> {
  const made: KeepPart[] = []
  for (const change of changes) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the order is what makes it safe
      if (await writePart(work, change, schedule)) made.push(change.part)
    } catch (error) {
      // oxlint-disable-next-line no-await-in-loop -- the loop ends here
      throw await failed(work, made, error)
    }
  }
}

/** The error with what is left; what is left is removed, unless running it again is the better way. */
async function failed(work: Work, made: readonly KeepPart[], error: unknown): Promise<unknown> {
  const { database, aws } = work
  if (error instanceof InterruptedError) return error
  const left = isWorthResuming(error) ? made : await unmake(work, made)
  const names = left.map((part) => nameOf(part, work)).join(', ')
  const command = (flag: string) => cruddurCommand(`rds stop ${database.id} ${flag}`, aws)
  const rest =
    left.length === 0
      ? ''
      : `\nThere is already: ${names}. To go on: ${command('--keep')}\nTo remove it: ${command('--no-keep')}`
  return retell(error, {
    context: `${database.id} is left ${database.status}, and is not kept stopped.${rest}`,
  })
}

function isWorthResuming(error: unknown): boolean {
  return (
    error instanceof CruddurError && (error.kind === 'unreachable' || error.code === 'KEEP_ROLE_UNUSABLE')
  )
}

/** Removes what this run has made, the last first; returns what could not be removed. */
async function unmake(
  { plan, roles, databases, database }: Work,
  made: readonly KeepPart[],
): Promise<KeepPart[]> {
  const undo: Partial<Record<KeepPart, () => Promise<void>>> = {
    tag: () => databases.untag(database, [TAG.keepStopped]),
    policy: () => roles.removePolicy(plan),
    role: () => roles.remove(plan),
  }
  const left: KeepPart[] = []
  for (const part of made.toReversed())
    // oxlint-disable-next-line no-await-in-loop -- a role goes after its policy
    await undo[part]?.().catch(() => left.push(part))
  return left
}

function nameOf(part: KeepPart, { plan }: Work): string {
  return {
    role: `the role ${plan.role}`,
    policy: 'its policy',
    tag: `the tag ${TAG.keepStopped}`,
    schedule: `the schedule ${plan.schedule}`,
  }[part]
}
