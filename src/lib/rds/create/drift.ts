import type { CreateWish } from './create-input.ts'
import type { Database } from '../database.ts'
import { majorOf } from '../status/engine-versions.ts'
import type { NewCluster, NewDatabase, NewInstance } from './new-database.ts'

/** Something that a database is not, though it was asked for. */
export interface Drift {
  input: keyof CreateWish
  asked: string
  found: string
}

type Fact = string | number | boolean | undefined

type Facts = Partial<Record<keyof CreateWish, readonly [asked: Fact, found: Fact]>>

/** What can be compared: what is asked for, and what is there. */
function factsOf(asked: NewDatabase, found: Database): Facts {
  const login = [loginOf(asked), found.masterLogin] as const
  return {
    'engine-version': [asked.engineVersion, majorOf(found.version)],
    port: [asked.port, found.endpoint?.port ?? asked.port],
    database: [asked.databaseName, found.databaseName],
    user: [asked.masterUser, found.masterUser],
    'backup-days': [asked.backupDays, found.backupDays],
    'subnet-group': [asked.subnetGroup, found.subnetGroup],
    group: [list(asked.securityGroups), list(found.securityGroups)],
    public: [asked.publiclyAccessible, found.publiclyAccessible],
    prod: [asked.deletionProtection, found.deletionProtection],
    password: login,
    auth: login,
    ...(asked.kind === 'instance' ? instanceFacts(asked, found) : clusterFacts(asked, found)),
  }
}

function instanceFacts({ className, storage, multiAz }: NewInstance, found: Database): Facts {
  return {
    class: [className, found.className],
    storage: [storage.gib, found.storage?.gib],
    'storage-type': [storage.type, found.storage?.type],
    'multi-az': [multiAz, found.multiAz],
  }
}

function clusterFacts({ capacity }: NewCluster, found: Database): Facts {
  return {
    'min-acu': [capacity.min, found.capacity?.min],
    'max-acu': [capacity.max, found.capacity?.max],
    'auto-pause': [seconds(capacity.pausesAfter), seconds(found.capacity?.pausesAfter)],
  }
}

function seconds(amount: number | undefined): string | undefined {
  return amount === undefined ? undefined : `${amount} s`
}

/**
 * In what a database that is there already differs from what was asked for. What was left to its default was not asked for.
 */
export function driftOf(
  asked: ReadonlySet<keyof CreateWish>,
  instance: NewDatabase,
  database: Database,
): Drift[] {
  const facts = factsOf(instance, database)
  return [...asked].flatMap((input) => {
    const [wanted, found] = facts[input] ?? []
    return String(wanted) === String(found)
      ? []
      : [{ input, asked: String(wanted), found: String(found ?? 'none') }]
  })
}

function list(ids: readonly string[]): string {
  return ids.toSorted().join(', ')
}

function loginOf({ login }: NewDatabase): Database['masterLogin'] {
  return login === 'managed' || login === 'iam' ? login : 'password'
}
