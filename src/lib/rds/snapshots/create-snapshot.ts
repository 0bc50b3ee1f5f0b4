import { InterruptedError } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import type { Database } from '../database.ts'
import type { Databases } from '../databases.ts'
import { poll } from '../../poll.ts'
import type { PowerOptions } from '../power.ts'
import { cruddurCommand } from '../resume.ts'
import type { Snapshot } from './snapshot.ts'
import { isNameTaken, nameTaken, orQuota, stopped } from './snapshot-errors.ts'
import { ownTags, surroundingTags } from './snapshot-memory.ts'
import { snapshotMove } from './snapshot-move.ts'
import { requireSnapshotName, timedSnapshotName } from './snapshot-name.ts'
import { awaitSnapshot } from './snapshot-wait.ts'
import type { Snapshots } from './snapshots.ts'
import { broken, busy, tellStatus, tooLong } from '../status-report.ts'
import { requireWhole } from '../whole-cluster.ts'
import { isWrongState } from '../wrong-state.ts'

export interface CreateSnapshotOptions extends PowerOptions {
  /** The identifier and the time by default. */
  name?: string | undefined
  now?: (() => Date) | undefined
}

export interface CreateSnapshotResult {
  /** The database. */
  id: string
  kind: Database['kind']
  snapshot: string
  /** That of the snapshot, as AWS says it; `undefined` in a dry run where there is none yet. */
  status: string | undefined
  /** Whether AWS was asked for it; or, with `dryRun`, would have been. */
  changed: boolean
  dryRun: boolean
  /** Milliseconds. */
  ms: number
}

/** Milliseconds for which other work on the database is waited for. */
const TIMEOUT = 40 * 60_000

/** What is known in the course of it. */
interface Work {
  options: CreateSnapshotOptions
  databases: Databases
  snapshots: Snapshots
  name: string
  /** How to wait on where this run ends. */
  resume: string
}

/**
 * Takes a snapshot of an instance or a cluster, and waits until it can be used. One of that name and of the same database is
 * a success. The snapshot gets the tags of its database, and remembers where that stands.
 * @throws {UsageError} `SNAPSHOT_INVALID`
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_STOPPED`, `INSTANCE_BROKEN`, `INSTANCE_BUSY`, `INSTANCE_OF_CLUSTER`,
 * `SNAPSHOT_EXISTS`, `SNAPSHOT_QUOTA`, `SNAPSHOT_FAILED`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function createSnapshot(options: CreateSnapshotOptions): Promise<CreateSnapshotResult> {
  const started = performance.now()
  const { id, aws, signal, now = () => new Date(), dryRun = false } = options
  const name = options.name === undefined ? timedSnapshotName(id, now()) : requireSnapshotName(options.name)
  const [{ Databases }, { Snapshots }] = await Promise.all([
    import('../databases.ts'),
    import('./snapshots.ts'),
  ])
  const resume = `To wait on: ${cruddurCommand(`rds snapshot create ${id} --name ${name}`, aws)}`
  const databases = new Databases(aws, signal)
  const snapshots = new Snapshots(aws, signal)
  try {
    const work = { options, databases, snapshots, name, resume }
    const done = await runStep(
      options.onProgress,
      'snapshot',
      `${options.dryRun ? 'Looking at' : `Taking the snapshot ${name} of`} ${id}`,
      () => take(work),
    )
    return { id, snapshot: name, dryRun, ...done, ms: performance.now() - started }
  } finally {
    databases.close()
    snapshots.close()
  }
}

async function take(work: Work): Promise<Pick<CreateSnapshotResult, 'kind' | 'status' | 'changed'>> {
  const { options, databases, snapshots, name, resume } = work
  const { id, wait = true, timeout, pace, signal, onProgress } = options
  const database = await databases.find(id)
  const { kind } = database
  requireWhole(database, 'is saved', 'rds snapshot create')
  requireSnapshotName(name, kind)
  // One that is named after the time is new.
  const present = options.name === undefined ? undefined : await snapshots.seek(kind, name)
  if (present) requireOf(present, database)
  if (options.dryRun) {
    if (!present) requirePossible(database)
    return { kind, status: present?.status, changed: !present }
  }
  const snapshot = present ?? (await ask(work, database))
  const { status } =
    wait && snapshot.status !== 'available'
      ? await awaitSnapshot({ snapshots, snapshot, resume, timeout, pace, signal, onProgress })
      : snapshot
  return { kind, status, changed: !present }
}

/** Asks AWS for the snapshot as soon as the database has a status in which it takes one. */
async function ask(work: Work, first: Database): Promise<Snapshot> {
  const { options, databases, resume } = work
  const { id, wait = true, timeout = TIMEOUT, pace, signal, onProgress } = options
  let known: Database | undefined = first
  let told = first.status
  const look = async (elapsed: number) => {
    const database: Database = known ?? (await databases.find(id))
    known = undefined
    if (database.status !== told) tellStatus(onProgress, database, elapsed)
    told = database.status
    const snapshot = requirePossible(database) === 'take' ? await create(work, database) : undefined
    if (!snapshot && !wait) throw busy('be saved in a snapshot', database)
    return snapshot
  }
  try {
    const snapshot = await poll(look, { timeout, pace, signal })
    if (snapshot) return snapshot
  } catch (error) {
    if (error instanceof InterruptedError) throw new InterruptedError('Interrupted.', resume)
    throw error
  }
  throw tooLong(`What goes on with ${id}`, { id, status: told }, timeout, resume)
}

function requirePossible(database: Database): 'take' | 'wait' {
  const move = snapshotMove(database)
  if (move === 'never') throw broken('be saved in a snapshot', database)
  if (move === 'start') throw stopped(database)
  return move
}

/** Asks AWS. `undefined` if the status has changed meanwhile: the next look shows what is to be done then. */
async function create({ snapshots, name }: Work, database: Database): Promise<Snapshot | undefined> {
  try {
    return await snapshots.create(database, name, { ...ownTags(database.tags), ...surroundingTags(database) })
  } catch (error) {
    if (isWrongState(error)) return undefined
    const present = isNameTaken(error) ? await snapshots.seek(database.kind, name) : undefined
    if (!present) throw orQuota(error)
    // There was none: an answer has been lost on the way, and the SDK has asked again.
    requireOf(present, database)
    return present
  }
}

/** Refuses a snapshot of something else. */
function requireOf(snapshot: Snapshot, { id }: Database): void {
  if (snapshot.databaseId !== id) throw nameTaken(snapshot)
}
