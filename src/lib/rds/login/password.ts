import { randomInt } from 'node:crypto'
import type { DatabaseKind } from '../database.ts'

/**
 * What needs no encoding in a URL (RFC 3986, "Unreserved Characters"), without those that are taken for one another, 0O 1Il, and
 * without `~`, for which a value in `.env` would need quotes.
 */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_.'

/** 189 bits with this alphabet. */
const LENGTH = 32

/**
 * As RDS wants it for PostgreSQL, in characters: API reference, `CreateDBInstance`, `MasterUserPassword`; and for clusters
 * "Settings for Aurora DB clusters" of the Aurora user guide.
 */
const SHORTEST = 8
const LONGEST: Readonly<Record<DatabaseKind, number>> = { instance: 128, cluster: 99 }

/** What RDS refuses: `/`, `"`, `@` (API reference), `'` and a space as well (user guide, "Quotas and constraints"). */
const FORBIDDEN = /[/"@' ]/

/** A password for a master user, from the system's source of randomness. */
export function generatePassword(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

/**
 * What RDS would not take in a password, each as the end of a sentence about it, e.g. `it has fewer than 8 characters`;
 * none of them repeats a part of it.
 */
export function passwordProblems(password: string, kind: DatabaseKind = 'instance'): string[] {
  const problems: string[] = []
  if (password.length < SHORTEST) problems.push(`it has fewer than ${SHORTEST} characters`)
  if (password.length > LONGEST[kind]) problems.push(`it has more than ${LONGEST[kind]} characters`)
  if (FORBIDDEN.test(password)) problems.push(`it holds one of / " @ ' or a space`)
  if (!/^[ -~]*$/.test(password)) problems.push('it holds a character that is not printable ASCII')
  return problems
}
