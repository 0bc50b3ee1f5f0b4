import type { AwsSession } from '../../aws/session.ts'
import { runStep, type VerbOptions } from '../../progress.ts'
import type { CheckedInput } from './create-input.ts'
import { type CreatePlan, planDatabase } from './create-plan.ts'
import { createCommand, notConfirmed, requireFree, requireSame } from './create-refusals.ts'
import { finishUrl, isMadeBy, prepareUrlFile, type UrlOutcome } from './create-urls.ts'
import type { Database, DatabaseKind } from '../database.ts'
import { phaseOf } from '../database-phase.ts'
import type { Databases } from '../databases.ts'
import { type Drift, driftOf } from './drift.ts'
import { lacksInstance, makeFirstInstance } from './first-instance.ts'
import type { Pending } from './pending-url.ts'
import type { PollOptions } from '../../poll.ts'
import { firstInstanceOf } from './new-database.ts'
import { requestDatabase } from './request.ts'
import { settle, TIMEOUT } from '../settle.ts'
import type { UrlFile } from './url-file.ts'

export interface CreateOptions extends VerbOptions {
  aws: AwsSession
  /** What `checkCreateInput` has made of what was asked for. */
  input: CheckedInput
  /** Where the connection URL goes. */
  file: UrlFile
  /** The password that was given, for the login `given`. */
  password?: string | undefined
  /** Whether the plan may be carried out. Asked only where there is something to make. */
  confirm?: ((plan: CreatePlan) => Promise<boolean>) | undefined
  /** Whether URLs of other databases in the file are given up. */
  force?: boolean | undefined
  /** Whether to wait until it is available; true by default. */
  wait?: boolean | undefined
  /** Milliseconds after which it gives up waiting; 40 min by default. */
  timeout?: number | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
  /** Is told each password before it is used, so that it can be masked. */
  onSecret?: ((secret: string) => void) | undefined
}

export interface CreateResult {
  id: string
  kind: DatabaseKind
  /** As AWS says it, e.g. `available`; `undefined` if there is none yet. */
  status: string | undefined
  /** Whether this run has made it; or, with `dryRun`, would. False if it was there already. */
  created: boolean
  dryRun: boolean
  endpoint: { host: string; port: number } | undefined
  /** Its connection URL, with a mask for the password; without one if nobody here knows it, or there is none. */
  url: string | undefined
  /** What became of the URL in the file; `pending` until the host name is known, `undefined` where nothing was done. */
  urlIs: UrlOutcome | 'pending' | undefined
  /** Path of the file. */
  file: string
  /** In what it differs from what was asked for, if it was there already. */
  drift: Drift[]
  /** What was made, if something was; or, with `dryRun`, would be. */
  plan: CreatePlan | undefined
  warnings: string[]
  /** The command that waits on, where this run did not. */
  resume: string | undefined
  /** Milliseconds. */
  ms: number
}

/** Milliseconds for which a new instance may not be there yet: RDS is eventually consistent. */
const GRACE = 3 * 60_000

/**
 * Makes an instance and waits until it is available, then puts its connection URL into the file. One that is there already is
 * a success, which tells in what it differs from what was asked for; and the waiting for one that is being made is taken up
 * again. The password is in the file before it is sent (see `pending-url.ts`), so no end of this run can lose it.
 * @throws {CruddurError} `ENV_URL_TAKEN`, `ENV_FILE_NOT_WRITABLE`, `NOT_CONFIRMED`, `IDENTIFIER_TAKEN`, `INSTANCE_BUSY`,
 *   `INSTANCE_BROKEN`, `AWS_TIMEOUT`, `AWS_…`, and what is in `rds-failures.ts`
 * @throws {InterruptedError} when it is ended; AWS goes on
 */
export async function createInstance(options: CreateOptions): Promise<CreateResult> {
  const started = performance.now()
  const { aws, signal, input, file } = options
  const place = { id: input.database.id, region: aws.region }
  const pending = await prepareUrlFile(file, place, options.force ?? false)
  const { Databases } = await import('../databases.ts')
  const databases = new Databases(aws, signal)
  try {
    const found = await databases.seek(place.id)
    const result = found
      ? await takeUp(options, databases, pending, found)
      : await make(options, databases, pending)
    return { ...result, ms: performance.now() - started }
  } finally {
    databases.close()
  }
}

type Outcome = Omit<CreateResult, 'ms'>

async function make(
  options: CreateOptions,
  databases: Databases,
  pending: Pending | undefined,
): Promise<Outcome> {
  const { aws, input, file, signal, onProgress, onSecret } = options
  const { database: wanted } = input
  for (const text of input.notes) onProgress?.({ type: 'note', level: 'warning', text })
  const plan = planDatabase(wanted, aws.region)
  if (wanted.kind === 'cluster') requireFree(wanted.id, await databases.seek(firstInstanceOf(wanted.id)))
  if (options.dryRun) return { ...outcome(options, undefined), created: true, plan }
  if (!(await options.confirm?.(plan))) throw notConfirmed(plan)
  const [{ callerName }, { Creations }] = await Promise.all([
    import('../../aws/caller.ts'),
    import('./creations.ts'),
  ])
  const owner = await callerName(aws, signal)
  const creations = new Creations(aws, signal)
  try {
    const request = await requestDatabase({
      creations,
      database: wanted,
      region: aws.region,
      owner,
      file,
      password: options.password,
      pending,
      resume: resumeOf(options),
      onSecret,
    })
    const result = await takeUp(options, databases, request, undefined)
    return { ...result, plan: result.created ? plan : undefined }
  } finally {
    creations.close()
  }
}

/**
 * Waits for a database that is there, or is to come, and finishes what is to be in the file.
 * @param pending the request that may have made it
 * @param found the database as it was seen before, if it was
 */
async function takeUp(
  options: CreateOptions,
  databases: Databases,
  pending: Pending | undefined,
  found: Database | undefined,
): Promise<Outcome> {
  if (pending?.password !== undefined) options.onSecret?.(pending.password)
  if (found) ensureSame(options, found)
  if (found && lacksInstance(found)) return complete(options, databases, pending, found)
  if (options.dryRun) return outcome(options, found)
  const first = found ? undefined : await firstInstance(options, databases)
  return finish(options, pending, found, await wait(options, databases, found, first))
}

/** Makes the instance of a cluster that was left without, then goes on as if this run had come to its end. */
async function complete(
  options: CreateOptions,
  databases: Databases,
  pending: Pending | undefined,
  found: Database,
): Promise<Outcome> {
  const { input, aws, onProgress } = options
  const plan = planDatabase(input.database, aws.region)
  if (options.dryRun) return { ...outcome(options, found), plan }
  const text = `${found.id} has no instance to connect to; ${firstInstanceOf(found.id)} is made now.`
  onProgress?.({ type: 'note', level: 'info', text })
  if (!(await options.confirm?.(plan))) throw notConfirmed(plan)
  const first = await firstInstance(options, databases)
  const result = await finish(options, pending, found, await wait(options, databases, undefined, first))
  return { ...result, plan, warnings: [...result.warnings, text] }
}

/** The first instance of a cluster, which is asked for if there is none; `undefined` for what is no cluster. */
async function firstInstance(options: CreateOptions, databases: Databases): Promise<string | undefined> {
  const { aws, input, timeout = TIMEOUT, pace, onProgress, signal } = options
  if (input.database.kind !== 'cluster') return undefined
  return makeFirstInstance({
    aws,
    databases,
    cluster: input.database,
    requireSame: (database) => ensureSame(options, database),
    resume: `To go on: ${resumeOf(options)}`,
    timeout,
    grace: GRACE,
    pace,
    onProgress,
    signal,
  })
}

/** What there is to tell, after what is to be in the file has been written into it. */
async function finish(
  options: CreateOptions,
  pending: Pending | undefined,
  found: Database | undefined,
  database: Database | undefined,
): Promise<Outcome> {
  if (database) ensureSame(options, database)
  const { endpoint } = database ?? {}
  const created = database ? isMadeBy(database, pending) && !found : pending !== undefined
  const now = { ...outcome(options, database), created, drift: created ? [] : drift(options, database) }
  if (!database || !endpoint || phaseOf(database.status) === 'busy')
    return { ...now, urlIs: pending && 'pending', resume: resumeOf(options) }
  const { outcome: urlIs, url } = await finishUrl(options.file, { ...database, endpoint }, pending)
  return { ...now, urlIs, url }
}

/**
 * The database once it is available; or as it is, where nobody waits, or it will not become so by itself.
 * @param first the instance of a cluster that is waited for besides
 */
async function wait(
  options: CreateOptions,
  databases: Databases,
  found: Database | undefined,
  first: string | undefined,
): Promise<Database | undefined> {
  const { id } = options.input.database
  const phase = found && phaseOf(found.status)
  if (phase === 'up' || phase === 'down' || phase === 'falling') return found
  if (options.wait === false && phase !== 'broken') return found ?? databases.seek(id)
  const { onProgress } = options
  onProgress?.({ type: 'note', level: 'info', text: `RDS takes 5 to 10 minutes for a new instance.` })
  const settled = (one: string) =>
    settle({
      databases,
      id: one,
      goal: 'available',
      doing: `Creating ${one}`,
      resume: `To wait on: ${resumeOf(options)}`,
      timeout: options.timeout,
      grace: GRACE,
      pace: options.pace,
      onProgress,
      signal: options.signal,
    })
  return runStep(onProgress, 'create', `Waiting for ${id}`, async () => {
    // A cluster may be available long before its instance, and tells nothing of that for a while.
    if (first !== undefined) await settled(first)
    return settled(id)
  })
}

/** What is to be told of a database, before anything was done. */
function outcome(options: CreateOptions, database: Database | undefined): Outcome {
  const { input, file, dryRun = false } = options
  return {
    id: input.database.id,
    kind: input.database.kind,
    status: database?.status,
    created: false,
    dryRun,
    endpoint: database?.endpoint,
    url: undefined,
    urlIs: undefined,
    file: file.path,
    drift: drift(options, database),
    plan: undefined,
    warnings: input.notes,
    resume: undefined,
  }
}

function drift({ input }: CreateOptions, database: Database | undefined): Drift[] {
  return database ? driftOf(input.asked, input.database, database) : []
}

function resumeOf({ input, aws }: CreateOptions): string {
  const { id, kind } = input.database
  return createCommand(id, kind, aws)
}

function ensureSame({ input, aws }: CreateOptions, database: Database): void {
  requireSame(input.database.kind, aws, database)
}
