import { isGroupId } from '../../ingress/aws-ids.ts'
import type { DatabaseKind } from '../database.ts'
import { firstInstanceOf, IDENTIFIER_LENGTH } from './new-database.ts'
import { RESERVED_WORDS } from './reserved-words.ts'

// What AWS takes for a new instance with PostgreSQL, from "CreateDBInstance" of the RDS API reference and "Quotas and
// constraints" of the user guide. Each rule returns what is wrong, to stand behind what was given, or nothing.

/** What is wrong with a value. */
export type Problem = string | undefined

/** GiB that each type of storage may have with PostgreSQL. */
export const STORAGE_LIMITS = {
  gp3: [20, 65_536],
  gp2: [20, 65_536],
  io1: [100, 65_536],
  io2: [100, 65_536],
  standard: [5, 3072],
} as const satisfies Record<string, readonly [least: number, most: number]>

/** A type of storage, as AWS calls it. */
export type StorageType = keyof typeof STORAGE_LIMITS

/** Whether a text is the name of a type of storage. */
export function isStorageType(text: string): text is StorageType {
  return Object.hasOwn(STORAGE_LIMITS, text)
}

/** What is wrong with a type of storage. */
export function storageTypeProblem(text: string): Problem {
  return isStorageType(text) ? undefined : `is none of ${Object.keys(STORAGE_LIMITS).join(', ')}`
}

/**
 * The IOPS that AWS must be told of with some types: the fewest that it takes, at least 1000 and half of the GiB ("Amazon RDS
 * DB instance storage").
 */
export function leastIops(type: StorageType, gib: number): number | undefined {
  return type === 'io1' || type === 'io2' ? Math.max(1000, Math.ceil(gib / 2)) : undefined
}

/** @param gib as it was typed */
export function storageProblem(gib: string, type: StorageType): Problem {
  const [least, most] = STORAGE_LIMITS[type]
  return wholeNumberProblem(gib, least, most, ` GiB with ${type}`)
}

/** @param port as it was typed */
export function portProblem(port: string): Problem {
  return wholeNumberProblem(port, 1150, 65_535)
}

/** Of clusters there are always backups. */
export function backupDaysProblem(days: string, kind: DatabaseKind): Problem {
  return wholeNumberProblem(days, kind === 'cluster' ? 1 : 0, 35, ' days')
}

function wholeNumberProblem(text: string, least: number, most: number, unit = ''): Problem {
  const number = Number(text)
  return /^\d{1,9}$/.test(text) && number >= least && number <= most
    ? undefined
    : `is not a whole number from ${least} to ${most}${unit}`
}

/** Of an instance or a cluster; a cluster leaves room for the name of its first instance. */
export function identifierProblem(text: string, kind: DatabaseKind): Problem {
  const most = IDENTIFIER_LENGTH[kind]
  if (text.length > most)
    return `has ${text.length} characters; ${most} is the most${kind === 'cluster' ? `, as its instance is named ${firstInstanceOf('NAME')}` : ''}`
  return /^[a-z](?!.*--)[a-z0-9-]*(?<!-)$/i.test(text)
    ? undefined
    : 'does not consist of letters, digits and single hyphens, with a letter first and no hyphen last'
}

/** What is wrong with the name of a master user. */
export function masterUserProblem(text: string): Problem {
  if (!/^[a-z][a-z0-9_]*$/i.test(text))
    return 'does not consist of letters, digits and underscores, with a letter first'
  if (text.length > MASTER_USER_LENGTH)
    return `has ${text.length} characters; ${MASTER_USER_LENGTH} is the most`
  return isReserved('user', text) ? 'is a word that PostgreSQL or RDS keeps for itself' : undefined
}

/** Characters that the master user's name may have. */
export const MASTER_USER_LENGTH = 16

/** What is wrong with the name of the database that is made with the instance. */
export function databaseNameProblem(text: string): Problem {
  if (!/^[a-z][a-z0-9_]*$/i.test(text))
    return 'does not consist of letters, digits and underscores, with a letter first'
  if (text.length > 63) return `has ${text.length} characters; 63 is the most`
  return isReserved('database', text) ? 'is a word that PostgreSQL or RDS keeps for itself' : undefined
}

function isReserved(what: 'user' | 'database', text: string): boolean {
  const name = text.toLowerCase()
  // PostgreSQL lets nobody make a role that begins so.
  return RESERVED_WORDS[what].has(name) || (what === 'user' && name.startsWith('pg_'))
}

/** Classes as AWS forms their names, e.g. `db.t4g.micro`, `db.r6gd.16xlarge`, `db.x2iedn.32xlarge`. */
const CLASS = /^db\.[a-z]+\d+[a-z]*(?:-[a-z0-9]+)?\.(?:micro|small|medium|large|\d*xlarge|metal)$/

/** By its form only: which classes a region offers, AWS alone knows. */
export function classProblem(text: string): Problem {
  if (CLASS.test(text)) return undefined
  if (CLASS.test(`db.${text}`)) return `lacks the db. in front: db.${text}`
  return text === 'db.serverless' ? 'is that of Aurora: --aurora' : 'is not a class such as db.t4g.micro'
}

/** @param region to which it must belong */
export function zoneProblem(text: string, region: string): Problem {
  const name = /^([a-z]{2}(?:-[a-z]+)+-\d{1,2})(?:-[a-z]+-\d)?[a-z]$/.exec(text)
  if (!name) return `is not a zone such as ${region}a`
  return name[1] === region ? undefined : `is not a zone of ${region}`
}

/** What is wrong with the id of a security group. */
export function securityGroupProblem(text: string): Problem {
  return isGroupId(text) ? undefined : 'is not the id of a security group such as sg-0123456789abcdef0'
}

/** What is wrong with the name of a DB subnet group. */
export function subnetGroupProblem(text: string): Problem {
  return /^[a-z0-9 ._-]{1,255}$/i.test(text)
    ? undefined
    : 'does not consist of at most 255 letters, digits, periods, underscores, spaces and hyphens'
}
