import type { KeepPlan } from './plan.ts'

/** What keeps a database stopped, in the order in which it is made: none of the parts does anything before the last. */
export type KeepPart = 'role' | 'policy' | 'tag' | 'schedule'

export interface KeepChange {
  part: KeepPart
  done: 'created' | 'updated' | 'removed'
}

/**
 * Whether a database is kept stopped:
 * - `on`: a schedule stops it every hour;
 * - `off`: the schedule is switched off, as it is after `rds start`;
 * - `none`: there is nothing of the kind;
 * - `broken`: it should be, but does not work.
 */
export type KeepState = 'on' | 'off' | 'none' | 'broken'

/** What keeps a database stopped, and what was done to it. */
export interface KeepResult {
  state: KeepState
  /** The name of the schedule, in EventBridge Scheduler's group `default`. */
  schedule: string
  /** The name of the role that it has. */
  role: string
  /** How often it stops the database, as Scheduler has it, e.g. `rate(1 hour)`. */
  every: string
  /** All that the role may do, e.g. `rds:StopDBInstance`, and only to this database. */
  action: string
  /** What was changed; or, with `dryRun`, would have been. */
  changes: readonly KeepChange[]
}

/** Builds a result. */
export function keepResult(
  { schedule, role, every, action }: KeepPlan,
  state: KeepState,
  changes: readonly KeepChange[] = [],
): KeepResult {
  return { state, schedule, role, every, action, changes }
}
