/**
 * The majors of PostgreSQL on RDS and the last day of their standard support, `YYYY-MM-DD`. From the "Release calendar for
 * Amazon RDS for PostgreSQL" as endoflife.date had it on `VERSIONS_AS_OF`; 11 and 12 from AWS' own announcements of their
 * end. Those of Aurora PostgreSQL end on the same days. Newest first.
 */
const SUPPORT_ENDS: readonly (readonly [major: number, lastDay: string])[] = [
  [18, '2031-02-28'],
  [17, '2030-02-28'],
  [16, '2029-02-28'],
  [15, '2028-02-29'],
  [14, '2027-02-28'],
  [13, '2026-02-28'],
  [12, '2025-02-28'],
  [11, '2024-02-29'],
]

/** When the table was taken, `YYYY-MM-DD`. */
export const VERSIONS_AS_OF = '2026-08-22'

/**
 * What a new database gets unless another major is named. Only ever a major: RDS takes one of its recent minors then, and
 * one that is named is withdrawn some day.
 */
export const DEFAULT_MAJOR = 17

const DAY = 24 * 60 * 60_000

/** The major of a version as RDS tells it, `17` of `17.4`; `undefined` if it is none. */
export function majorOf(version: string): number | undefined {
  const major = /^\d+/.exec(version)?.[0]
  return major === undefined ? undefined : Number(major)
}

/** The last day of a major's standard support, 00:00 UTC; `undefined` for a major that the table does not have. */
export function supportEndOf(major: number): Date | undefined {
  const found = SUPPORT_ENDS.find(([one]) => one === major)
  return found && new Date(found[1])
}

/**
 * How many whole days of standard support a major has left: 0 on the last day, less than 0 after it; `undefined` for a major
 * that the table does not have.
 */
export function supportDaysLeft(major: number, now: Date): number | undefined {
  const end = supportEndOf(major)
  return end && Math.floor((end.getTime() + DAY - now.getTime()) / DAY)
}

/**
 * The majors that a new database can have: those in standard support. AWS would take older ones only together with Extended
 * Support, which costs extra. Newest first.
 */
export function offeredMajors(now: Date): number[] {
  return SUPPORT_ENDS.map(([major]) => major).filter((major) => isOffered(major, now))
}

/** Whether a new database can have this major; see `offeredMajors`. */
export function isOffered(major: number, now: Date): boolean {
  const days = supportDaysLeft(major, now)
  return days !== undefined && days >= 0
}
