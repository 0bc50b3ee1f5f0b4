import type { Problem } from './create-rules.ts'
import {
  DEFAULT_MAJOR,
  isOffered,
  majorOf,
  offeredMajors,
  supportDaysLeft,
  supportEndOf,
  VERSIONS_AS_OF,
} from '../status/engine-versions.ts'

/** How many days before the end of its support a new database with a major is worth a warning. */
const SOON = 365

/** What is wrong with the version that a new database is to have, as it was typed. */
export function engineVersionProblem(text: string, now: Date): Problem {
  const major = majorOf(text)
  if (major === undefined || !/^\d{1,3}(?:\.\d+)*$/.test(text))
    return `is not a major of PostgreSQL such as ${DEFAULT_MAJOR}`
  if (text !== String(major))
    return `is a minor, which AWS withdraws after a while: name the major, ${major}, and RDS takes a recent minor`
  if (isOffered(major, now) || isNewer(major, now)) return undefined
  const ended = supportEndOf(major)
  return `is no longer in standard support${ended ? ` (it ended on ${day(ended)})` : ''}: choose one of ${offeredMajors(now).join(', ')}`
}

/** What a person should know about a version that is allowed. */
export function engineVersionNote(text: string, now: Date): string | undefined {
  const major = Number(text)
  const end = supportEndOf(major)
  if (!end) return `PostgreSQL ${text} is newer than what is known here (of ${VERSIONS_AS_OF}): AWS decides.`
  const days = supportDaysLeft(major, now) ?? 0
  return days > SOON
    ? undefined
    : `The standard support of PostgreSQL ${text} ends on ${day(end)}, in ${days} days; ${offeredMajors(now)[0]} is the newest.`
}

function isNewer(major: number, now: Date): boolean {
  return major > Math.max(...offeredMajors(now))
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
