import { UsageError } from '../../errors.ts'
import type { DatabaseKind } from '../database.ts'
import { shortened } from '../../shortened.ts'

/** Characters of a snapshot's name (API reference, `CreateDBSnapshot` and `CreateDBClusterSnapshot`). */
const LONGEST: Readonly<Record<DatabaseKind, number>> = { instance: 255, cluster: 63 }

/** Of both: a letter first, then letters, digits and single hyphens, no hyphen last. */
const NAME = /^[a-z](?!.*--)[a-z0-9-]*(?<!-)$/i

/** Those that AWS has made by itself, e.g. `rds:cruddur-db-2026-11-20-03-10`, have a word and a colon in front. */
const PREFIX = /^(?:rds|awsbackup):/i

/**
 * The name for a new snapshot as AWS keeps it: in lower case.
 * @param kind of the database; while it is not known the longer names pass
 * @throws {UsageError} `SNAPSHOT_INVALID`
 */
export function requireSnapshotName(name: string, kind: DatabaseKind = 'instance'): string {
  const longest = LONGEST[kind]
  if (NAME.test(name) && name.length <= longest) return name.toLowerCase()
  throw new UsageError(`${JSON.stringify(shortened(name, 80))} cannot be the name of a snapshot.`, {
    code: 'SNAPSHOT_INVALID',
    hint: `Of ${kind === 'cluster' ? 'a cluster' : 'an instance'} it has 1 to ${longest} letters, digits and single hyphens, and begins with a letter.`,
  })
}

/**
 * The name of a snapshot that there is, also of one that AWS has made by itself.
 * @throws {UsageError} `SNAPSHOT_INVALID`
 */
export function requireExistingName(name: string): string {
  const prefix = PREFIX.exec(name)?.[0] ?? ''
  return `${prefix.toLowerCase()}${requireSnapshotName(name.slice(prefix.length))}`
}

/**
 * A name that no other snapshot has, and that says when it was taken (UTC): `cruddur-db-20261121-093000`. It is short enough
 * for either kind of database.
 * @param mark stands before the time, e.g. `final`
 */
export function timedSnapshotName(id: string, now: Date, mark?: string): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const end = mark === undefined ? `-${time}` : `-${mark}-${time}`
  return `${id.slice(0, LONGEST.cluster - end.length).replace(/-$/, '')}${end}`
}
