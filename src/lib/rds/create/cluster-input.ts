import { parseDuration } from '../../duration.ts'
import {
  autoPauseProblem,
  DEFAULT_CAPACITY,
  maxCapacityProblem,
  minCapacityProblem,
} from './capacity-rules.ts'
import type { Checklist } from './checklist.ts'
import type { CreateWish } from './create-input.ts'
import { majorOf } from '../status/engine-versions.ts'
import type { NewCluster } from './new-database.ts'

/** The inputs that only clusters have. */
export const CLUSTER_INPUTS = ['min-acu', 'max-acu', 'auto-pause'] as const

/**
 * Checks what only clusters have, and fills in the defaults.
 * @param version the major of PostgreSQL, as it was typed
 */
export function clusterPart(
  list: Checklist,
  wish: CreateWish,
  version: string,
): Pick<NewCluster, 'capacity'> {
  const fallback = DEFAULT_CAPACITY
  const min = list.take('min-acu', wish['min-acu'], fallback.min, (text) =>
    minCapacityProblem(text, majorOf(version) ?? 0),
  )
  // One that is asked for is never more than the highest just because that one was left to its default.
  const most = String(Math.max(Number(fallback.max), Number(min) || 0))
  const max = list.take('max-acu', wish['max-acu'], most, (text) => maxCapacityProblem(text, min))
  const known = list.problems.length
  const pause = list.take('auto-pause', wish['auto-pause'], fallback.autoPause, (text) =>
    autoPauseProblem(text, min),
  )
  const pauses = Number(min) === 0 && list.problems.length === known
  return {
    capacity: {
      min: Number(min),
      max: Number(max),
      pausesAfter: pauses ? parseDuration(pause) / 1000 : undefined,
    },
  }
}
