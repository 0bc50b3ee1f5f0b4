import { isAwsError } from '../../aws/errors.ts'
import { CruddurError, UsageError } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import { firstInstanceOf, IDENTIFIER_LENGTH } from '../create/new-database.ts'
import type { Database } from '../database.ts'
import type { Databases } from '../databases.ts'
import type { PowerOptions } from '../power.ts'
import {
  requireGroups,
  type RestoreSettings,
  restoreSettings,
  restoreWarnings,
  type RestoreWishes,
} from './restore-settings.ts'
import type { Restores } from './restores.ts'
import { cruddurCommand } from '../resume.ts'
import { settle } from '../settle.ts'
import type { Snapshot } from './snapshot.ts'
import { requireExistingName } from './snapshot-name.ts'
import { awaitSnapshot } from './snapshot-wait.ts'
import type { Snapshots } from './snapshots.ts'
import { busy } from '../status-report.ts'
import { TAG } from '../tags.ts'

export interface RestoreOptions extends Omit<PowerOptions, 'id'>, RestoreWishes {
  snapshot: string
  /** That of the new database; that of the original if it is gone, else the same with `-restored`. */
  id?: string | undefined
}

export interface RestoreResult {
  id: string
  kind: Database['kind']
  snapshot: string
  /** The database that the snapshot is of. */
  original: string
  /** As AWS says it; `undefined` where it is not there yet. */
  status: string | undefined
  /** Not there while it is being made. */
  endpoint: Database['endpoint']
  /** The ids; none for the default one of the VPC. */
  securityGroups: string[]
  /** Whether AWS was asked for it; or, with `dryRun`, would have been. */
  changed: boolean
  dryRun: boolean
  /** What a person should know of it. */
  warnings: string[]
  /** Milliseconds. */
  ms: number
}

/** What is known in the course of it. */
interface Work {
  options: RestoreOptions
  databases: Databases
  snapshots: Snapshots
  restores: Restores
}

/** Milliseconds for which the new one may not be found: RDS is eventually consistent. */
const GRACE = 60_000

/**
 * Makes a new database from a snapshot, with the security groups and the other settings of the original, and waits until it is
 * available. One that was made from the same snapshot before is a success. The password is the one that the original had
 * then.
 * @throws {UsageError} `SNAPSHOT_INVALID`, `SECURITY_GROUP_INVALID`
 * @throws {CruddurError} `SNAPSHOT_NOT_FOUND`, `SNAPSHOT_FAILED`, `SECURITY_GROUP_UNKNOWN`, `INSTANCE_EXISTS`, `INSTANCE_BUSY`,
 * `INSTANCE_BROKEN`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<RestoreResult> {
  const started = performance.now()
  const { aws, signal } = options
  const name = requireExistingName(options.snapshot)
  requireGroups(options)
  const [{ Databases }, { Snapshots }, { Restores }] = await Promise.all([
    import('../databases.ts'),
    import('./snapshots.ts'),
    import('./restores.ts'),
  ])
  const work = {
    options,
    databases: new Databases(aws, signal),
    snapshots: new Snapshots(aws, signal),
    restores: new Restores(aws, signal),
  }
  try {
    const done = await runStep(
      options.onProgress,
      'restore',
      `${options.dryRun ? 'Looking at' : 'Restoring'} ${name}`,
      () => restore(work, name),
    )
    return { ...done, ms: performance.now() - started }
  } finally {
    for (const client of [work.databases, work.snapshots, work.restores]) client.close()
  }
}

async function restore(work: Work, name: string): Promise<Omit<RestoreResult, 'ms'>> {
  const { options, databases, snapshots } = work
  const { dryRun = false, wait = true } = options
  const snapshot = await snapshots.find(name)
  const { kind, databaseId } = snapshot
  const namesake = await databases.seek(databaseId)
  const original = namesake && !isFrom(namesake, snapshot) ? namesake : undefined
  const id = options.id ?? (original ? restoredId(snapshot) : databaseId)
  requireRoom(snapshot, id)
  const present = id === databaseId ? namesake : await databases.seek(id)
  if (present) requireFrom(present, snapshot)
  const resultOf = (
    database: Database | undefined,
    groups: string[],
    warnings: string[],
  ): Omit<RestoreResult, 'ms'> => ({
    id,
    kind,
    snapshot: name,
    original: databaseId,
    status: database?.status,
    endpoint: database?.endpoint,
    securityGroups: groups,
    changed: !present,
    dryRun,
    warnings,
  })
  // Of one that is there only what makes it complete is looked for.
  const settings = present ? settingsOf(present, snapshot) : restoreSettings(snapshot, original, options)
  const warnings = present ? [] : restoreWarnings(snapshot, original, settings)
  if (dryRun) return resultOf(present, settings.securityGroups, warnings)
  const resume = `To wait on: ${cruddurCommand(`rds restore ${name} ${id}`, options.aws)}`
  if (!present) {
    await untilUsable(work, snapshot, resume)
    await ask(work, snapshot, id, settings)
  }
  const member = kind === 'cluster' ? await ensureMember(work, snapshot, id, present, settings) : undefined
  if (!wait) return resultOf(await databases.seek(id), settings.securityGroups, warnings)
  const { timeout, pace, signal, onProgress } = options
  const waiting = { databases, goal: 'available', doing: `Restoring ${id}`, resume } as const
  const how = { timeout, grace: GRACE, pace, signal, onProgress }
  if (member !== undefined) await settle({ ...waiting, ...how, id: member })
  const database = await settle({ ...waiting, ...how, id })
  return resultOf(database, database?.securityGroups ?? settings.securityGroups, warnings)
}

/** The first instance of a cluster has a longer identifier than the cluster. */
function requireRoom({ kind }: Snapshot, id: string): void {
  const most = IDENTIFIER_LENGTH[kind]
  if (id.length <= most) return
  throw new UsageError(
    `The identifier ${id} is too long for ${kind === 'cluster' ? 'a cluster' : 'an instance'}.`,
    {
      code: 'INSTANCE_INVALID',
      hint: `It may have ${most} characters; the instance of a cluster has the same with -1.`,
      details: { id },
    },
  )
}

function restoredId({ databaseId, kind }: Snapshot): string {
  const end = '-restored'
  return `${databaseId.slice(0, IDENTIFIER_LENGTH[kind] - end.length).replace(/-$/, '')}${end}`
}

function isFrom({ tags }: Database, { name }: Snapshot): boolean {
  return tags[TAG.restoredFrom] === name
}

function requireFrom(database: Database, snapshot: Snapshot): void {
  if (isFrom(database, snapshot)) return
  const { id, status } = database
  throw new CruddurError(`There is a database ${id} already, and it was not made from ${snapshot.name}.`, {
    code: 'INSTANCE_EXISTS',
    hint: `A snapshot becomes a new database; give it another identifier: cruddur rds restore ${snapshot.name} IDENTIFIER`,
    details: { id, status, snapshot: snapshot.name },
  })
}

/** A snapshot that is still being taken is waited for. */
async function untilUsable({ options, snapshots }: Work, snapshot: Snapshot, resume: string): Promise<void> {
  const { name, status } = snapshot
  if (status === 'available') return
  const { wait = true, timeout, pace, signal, onProgress } = options
  if (!wait) throw busy('be restored', { id: name, status })
  await awaitSnapshot({ snapshots, snapshot, resume, timeout, pace, signal, onProgress })
}

/** Asks AWS for the database. */
async function ask(
  { databases, restores }: Work,
  snapshot: Snapshot,
  id: string,
  settings: RestoreSettings,
): Promise<void> {
  try {
    await restores.restore(snapshot, id, settings)
  } catch (error) {
    const isThere =
      isAwsError(error, 'DBInstanceAlreadyExists') || isAwsError(error, 'DBClusterAlreadyExists')
    const present = isThere ? await databases.seek(id) : undefined
    if (!present) throw error
    // An answer has been lost on the way, and the SDK has asked again.
    requireFrom(present, snapshot)
  }
}

/** What a database that was made from a snapshot has. */
function settingsOf(database: Database, snapshot: Snapshot): RestoreSettings {
  const { securityGroups } = database
  return restoreSettings(snapshot, database, {
    groups: securityGroups.length > 0 ? securityGroups : ['default'],
  })
}

/** A cluster alone has nothing to connect to: makes its instance, unless there is one. */
async function ensureMember(
  { restores }: Work,
  snapshot: Snapshot,
  cluster: string,
  present: Database | undefined,
  settings: RestoreSettings,
): Promise<string> {
  const [first] = present?.members ?? []
  if (first !== undefined) return first
  const id = firstInstanceOf(cluster)
  try {
    await restores.addMember(cluster, id, snapshot, settings)
  } catch (error) {
    if (!isAwsError(error, 'DBInstanceAlreadyExists')) throw error
  }
  return id
}
