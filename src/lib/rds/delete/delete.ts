import { type NameConfirmation, requireName } from '../../confirm-name.ts'
import { InterruptedError } from '../../errors.ts'
import { runStep } from '../../progress.ts'
import { type Database, NOUN } from '../database.ts'
import { phaseOf } from '../database-phase.ts'
import type { Databases } from '../databases.ts'
import { deleteMove, describeDeletion, requireDeletable } from './delete-plan.ts'
import { type DeletionRequest, requestDeletion, unlessWrongState } from './delete-request.ts'
import { removeKeep } from '../keep/remove-keep.ts'
import { poll } from '../../poll.ts'
import type { PowerOptions } from '../power.ts'
import { cruddurCommand } from '../resume.ts'
import { settle } from '../settle.ts'
import { nameTaken } from '../snapshots/snapshot-errors.ts'
import { requireSnapshotName, timedSnapshotName } from '../snapshots/snapshot-name.ts'
import { busy, tellStatus, tooLong } from '../status-report.ts'
import { requireWhole } from '../whole-cluster.ts'

export interface DeleteOptions extends PowerOptions {
  /** The name of the final snapshot; the identifier and the time by default. `false`: none is taken. */
  snapshot?: string | false | undefined
  /** Whether the automated backups stay for as long as they were to be kept. */
  keepBackups?: boolean | undefined
  /** Whether deletion protection is switched off where it is on. */
  unprotect?: boolean | undefined
  confirmation: NameConfirmation
  now?: (() => Date) | undefined
}

export interface DeleteResult {
  id: string
  kind: Database['kind']
  /** As AWS says it, or `gone`. */
  status: string
  /** Where it was; what refers to it leads nowhere from now on. */
  endpoint: Database['endpoint']
  /** The final snapshot. `undefined` where none was wanted, or the deletion had begun before. */
  snapshot: string | undefined
  /** Those that a restored one needs. */
  securityGroups: string[]
  /** Whether AWS was asked for it; or, with `dryRun`, would have been. */
  changed: boolean
  dryRun: boolean
  /** What would be done, or was: a line for each fact. */
  plan: string[]
  /** What a person should know of it. */
  warnings: string[]
  /** Milliseconds. */
  ms: number
}

/** What is known in the course of it. */
interface Work extends DeletionRequest {
  options: DeleteOptions
  databases: Databases
  /** How to wait on where this run ends. */
  resume: string
}

/** Milliseconds for which a start, or other work on the database, is waited for. */
const TIMEOUT = 40 * 60_000

/**
 * Deletes an instance, or a cluster with its instances, and waits until it is gone; by default it takes a final snapshot. What
 * is being deleted already is only waited for, without a question.
 * @throws {UsageError} `SNAPSHOT_INVALID`
 * @throws {CruddurError} `NOT_CONFIRMED`, `DELETION_PROTECTED`, `FINAL_SNAPSHOT_IMPOSSIBLE`, `INSTANCE_NOT_FOUND`,
 * `INSTANCE_OF_CLUSTER`, `INSTANCE_BUSY`, `SNAPSHOT_EXISTS`, `SNAPSHOT_QUOTA`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export async function deleteDatabase(options: DeleteOptions): Promise<DeleteResult> {
  const started = performance.now()
  const { aws, id, signal, now = () => new Date() } = options
  const wishes = {
    snapshot:
      options.snapshot === false
        ? undefined
        : options.snapshot === undefined
          ? timedSnapshotName(id, now(), 'final')
          : requireSnapshotName(options.snapshot),
    unprotect: options.unprotect ?? false,
  }
  const [{ Databases }, { Snapshots }, { Removals }] = await Promise.all([
    import('../databases.ts'),
    import('../snapshots/snapshots.ts'),
    import('./removals.ts'),
  ])
  const work: Work = {
    options,
    wishes,
    keepBackups: options.keepBackups ?? false,
    databases: new Databases(aws, signal),
    snapshots: new Snapshots(aws, signal),
    removals: new Removals(aws, signal),
    resume: `To wait on: ${cruddurCommand(`rds delete ${id}`, aws)}`,
    warnings: [],
  }
  try {
    return { ...(await remove(work)), ms: performance.now() - started }
  } finally {
    for (const client of [work.databases, work.snapshots, work.removals]) client.close()
  }
}

async function remove(work: Work): Promise<Omit<DeleteResult, 'ms'>> {
  const { options, wishes, keepBackups, databases, warnings } = work
  const { id, dryRun = false, wait = true } = options
  const database = await ownStatus(work, await databases.find(id))
  requireWhole(database, 'is deleted', 'rds delete')
  const underWay = phaseOf(database.status) === 'gone'
  const plan = underWay ? [] : describeDeletion(database, wishes, keepBackups)
  const resultOf = (status: string): Omit<DeleteResult, 'ms'> => ({
    id,
    kind: database.kind,
    status,
    endpoint: database.endpoint,
    snapshot: underWay ? undefined : wishes.snapshot,
    securityGroups: database.securityGroups,
    changed: !underWay,
    dryRun,
    plan,
    warnings,
  })
  if (!underWay) {
    await requirePossible(work, database)
    if (dryRun) return resultOf(database.status)
    await requireName(
      {
        action: 'delete',
        noun: NOUN[database.kind],
        name: id,
        lines: plan,
        details: { id, status: database.status },
      },
      options.confirmation,
    )
    // First, and not afterwards: it may have to be started, and what is left over would be found by nobody.
    await removeKeep({ aws: options.aws, databases, database, signal: options.signal })
    await runStep(options.onProgress, 'ask', `Having ${id} deleted`, () => ask(work, database))
  }
  if (dryRun || !wait) return resultOf('deleting')
  await runStep(options.onProgress, 'delete', `Deleting ${id}`, () => untilGone(work))
  if (!underWay) await checkSnapshot(work, database)
  return resultOf('gone')
}

/** A cluster has the status of its writer, which may be on its way out while the cluster itself is not. */
async function ownStatus({ removals }: Work, database: Database): Promise<Database> {
  if (database.kind === 'instance' || phaseOf(database.status) !== 'gone') return database
  return { ...database, status: (await removals.clusterStatus(database.id)) ?? database.status }
}

/** What can be known to fail is refused before anything is done. */
async function requirePossible({ wishes, snapshots, options }: Work, database: Database): Promise<void> {
  const { snapshot } = wishes
  if (snapshot !== undefined) requireSnapshotName(snapshot, database.kind)
  requireDeletable(database, wishes)
  // The instances of a cluster would be deleted before AWS finds the name taken.
  const present =
    snapshot === undefined || options.snapshot === undefined
      ? undefined
      : await snapshots.seek(database.kind, snapshot)
  if (present) throw nameTaken(present)
}

/** Brings the database into a status in which it can be deleted, and asks AWS for that. */
async function ask(work: Work, first: Database): Promise<void> {
  const { options, wishes, databases, resume } = work
  const { id, wait = true, timeout = TIMEOUT, pace, signal, onProgress } = options
  let known: Database | undefined = first
  let told = first.status
  const look = async (elapsed: number): Promise<true | undefined> => {
    const found = known ?? (await databases.seek(id))
    known = undefined
    if (!found) return true
    const database = await ownStatus(work, found)
    if (database.status !== told) tellStatus(onProgress, database, elapsed)
    told = database.status
    if (phaseOf(told) === 'gone') return true
    const move = deleteMove(database, wishes)
    if (move === 'delete' && (await requestDeletion(work, database))) return true
    if (!wait) throw busy('be deleted', database)
    if (move === 'start') await unlessWrongState(() => databases.start(database))
    return undefined
  }
  try {
    if (await poll(look, { timeout, pace, signal })) return
  } catch (error) {
    if (error instanceof InterruptedError)
      throw new InterruptedError('Interrupted before the deletion.', resume)
    throw error
  }
  throw tooLong(`What goes on with ${id}`, { id, status: told }, timeout, resume)
}

async function untilGone({ options, databases, resume }: Work): Promise<void> {
  const { id, timeout, pace, signal, onProgress } = options
  await settle({
    databases,
    id,
    goal: 'gone',
    doing: `Deleting ${id}`,
    resume,
    timeout,
    pace,
    signal,
    onProgress,
  })
}

/** AWS deletes nothing before the final snapshot is taken; what is there is told all the same. */
async function checkSnapshot({ wishes, snapshots, warnings }: Work, { kind }: Database): Promise<void> {
  if (wishes.snapshot === undefined) return
  const found = await snapshots.seek(kind, wishes.snapshot)
  if (found?.status !== 'available')
    warnings.push(`The final snapshot ${wishes.snapshot} is ${found?.status ?? 'not to be found'}.`)
}
