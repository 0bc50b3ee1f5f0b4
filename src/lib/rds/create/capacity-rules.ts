import { parseDuration } from '../../duration.ts'

// Between which capacities Aurora Serverless v2 may move and when it pauses, from "ServerlessV2ScalingConfiguration" of the RDS
// API reference and "Aurora Serverless v2 capacity" of the Aurora user guide. Each rule returns what is wrong, to stand behind
// what was given, or nothing.

/** Aurora capacity units: about 2 GiB of memory each. */
const ACU = { step: 0.5, leastMin: 0, leastMax: 1, most: 256 } as const

/** How long nobody may be connected before a cluster pauses. */
const AUTO_PAUSE = { least: '5m', most: '24h' } as const

/**
 * The first major that can pause, which is to have 0 as its lowest capacity. It takes 13.15, 14.12, 15.7 or 16.3, which are
 * older than the minors that RDS takes of these majors.
 */
const PAUSES_FROM = 13

/** What is taken where nothing is given. */
export const DEFAULT_CAPACITY = { min: '0', max: '2', autoPause: '5m' } as const

/** @param major the major of PostgreSQL that the cluster is to have */
export function minCapacityProblem(text: string, major: number): string | undefined {
  const problem = unitsProblem(text, ACU.leastMin)
  if (problem !== undefined || Number(text) > 0 || major >= PAUSES_FROM) return problem
  return `lets the cluster pause, which Aurora PostgreSQL ${major} cannot: ${PAUSES_FROM} is the first, and ${ACU.step} the least without`
}

/** @param min the lowest capacity, as it was typed */
export function maxCapacityProblem(text: string, min: string): string | undefined {
  const problem = unitsProblem(text, ACU.leastMax)
  if (problem !== undefined || unitsProblem(min, ACU.leastMin) !== undefined) return problem
  return Number(text) < Number(min) ? `is less than the lowest capacity, ${min}` : undefined
}

/** @param min the lowest capacity, as it was typed */
export function autoPauseProblem(text: string, min: string): string | undefined {
  const { least, most } = AUTO_PAUSE
  const time = durationOf(text)
  if (Number.isNaN(time) || time < parseDuration(least) || time > parseDuration(most) || time % 1000 !== 0)
    return `is not a time from ${least} to ${most} in whole seconds`
  return Number(min) > 0
    ? `has no meaning with a lowest capacity of ${min}: the cluster pauses only with 0`
    : undefined
}

function unitsProblem(text: string, least: number): string | undefined {
  const units = /^\d{1,3}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN
  return units >= least && units <= ACU.most && units % ACU.step === 0
    ? undefined
    : `is not a number of capacity units from ${least} to ${ACU.most} in steps of ${ACU.step}`
}

/** Milliseconds; `NaN` for what is no duration. */
function durationOf(text: string): number {
  try {
    return parseDuration(text)
  } catch {
    return Number.NaN
  }
}
