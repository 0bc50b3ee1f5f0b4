import type { CreateWish } from './create-input.ts'
import type { Database } from './database.ts'
import { majorOf } from './engine-versions.ts'
import type { NewInstance } from './new-instance.ts'

/** Something that a database is not, though it was asked for. */
export interface Drift {
  input: keyof CreateWish
  asked: string
  found: string
}

type Fact = string | number | boolean | undefined

/** What can be compared: what is asked for, and what is there. */
const COMPARED: Readonly<
  Partial<Record<keyof CreateWish, (asked: NewInstance, found: Database) => [asked: Fact, found: Fact]>>
> = {
  class: (asked, found) => [asked.className, found.className],
  storage: (asked, found) => [asked.storage.gib, found.storage?.gib],
  'storage-type': (asked, found) => [asked.storage.type, found.storage?.type],
  'engine-version': (asked, found) => [asked.engineVersion, majorOf(found.version)],
  port: (asked, found) => [asked.port, found.endpoint?.port ?? asked.port],
  database: (asked, found) => [asked.databaseName, found.databaseName],
  user: (asked, found) => [asked.masterUser, found.masterUser],
  'multi-az': (asked, found) => [asked.multiAz, found.multiAz],
  'backup-days': (asked, found) => [asked.backupDays, found.backupDays],
  'subnet-group': (asked, found) => [asked.subnetGroup, found.subnetGroup],
  group: (asked, found) => [list(asked.securityGroups), list(found.securityGroups)],
  public: (asked, found) => [asked.publiclyAccessible, found.publiclyAccessible],
  prod: (asked, found) => [asked.deletionProtection, found.deletionProtection],
  password: (asked, found) => [loginOf(asked), found.masterLogin],
  auth: (asked, found) => [loginOf(asked), found.masterLogin],
}

/**
 * In what a database that is there already differs from what was asked for. What was left to its default was not asked for.
 */
export function driftOf(
  asked: ReadonlySet<keyof CreateWish>,
  instance: NewInstance,
  database: Database,
): Drift[] {
  return [...asked].flatMap((input) => {
    const [wanted, found] = COMPARED[input]?.(instance, database) ?? []
    return String(wanted) === String(found)
      ? []
      : [{ input, asked: String(wanted), found: String(found ?? 'none') }]
  })
}

function list(ids: readonly string[]): string {
  return ids.toSorted().join(', ')
}

function loginOf({ login }: NewInstance): Database['masterLogin'] {
  return login === 'managed' || login === 'iam' ? login : 'password'
}
