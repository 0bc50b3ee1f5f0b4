import type { Database } from '../database.ts'
import { majorOf, supportDaysLeft, supportEndOf } from './engine-versions.ts'

/** How long AWS supports the version of a database without taking money for it. */
export interface StandardSupport {
  /** The last day; `undefined` where the table of majors does not tell. */
  ends: Date | undefined
  /** Less than 0 when it is over. */
  daysLeft: number | undefined
  /** In which year of Extended Support it is, from 1, if it pays for that. */
  extendedYear: number | undefined
}

/** The standard support of a database's version; nothing is known of engines other than PostgreSQL. */
export function standardSupportOf(
  { engine, version, extendedSupport }: Pick<Database, 'engine' | 'version' | 'extendedSupport'>,
  now: Date,
): StandardSupport {
  const major = /^(?:aurora-)?postgres/.test(engine) ? majorOf(version) : undefined
  const daysLeft = major === undefined ? undefined : supportDaysLeft(major, now)
  const pays = daysLeft !== undefined && daysLeft < 0 && extendedSupport !== false
  return {
    ends: major === undefined ? undefined : supportEndOf(major),
    daysLeft,
    extendedYear: pays ? Math.ceil(-daysLeft / 365) : undefined,
  }
}
