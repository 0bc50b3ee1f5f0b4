import type { AwsSession } from '../aws/session.ts'
import { CruddurError, InterruptedError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import type { Database, DatabaseKind } from './database.ts'
import { type Phase, phaseOf } from './database-phase.ts'
import type { Databases } from './databases.ts'
import { afterKeep, keepOnStop } from './keep/on-power.ts'
import type { KeepStoppedOptions } from './keep/keep-stopped.ts'
import type { KeepResult } from './keep/result.ts'
import { suspendKeep } from './keep/suspend-keep.ts'
import { poll, type PollOptions } from '../poll.ts'
import { cruddurCommand } from './resume.ts'
import { broken, busy, tellStatus, tooLong } from './status-report.ts'
import { requireWhole } from './whole-cluster.ts'
import { isWrongState } from './wrong-state.ts'

export interface PowerOptions extends VerbOptions {
  aws: AwsSession
  /** The identifier of an instance or a cluster. */
  id: string
  /** Whether to wait until it is done; true by default. */
  wait?: boolean | undefined
  /** Milliseconds after which it gives up waiting; 40 min by default. */
  timeout?: number | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
}

export interface StopOptions extends PowerOptions {
  /**
   * Whether a schedule keeps it stopped past the seven days after which AWS starts it: true makes one, false removes it,
   * and when not given it is left as it is.
   */
  keep?: boolean | undefined
}

export interface PowerResult {
  id: string
  kind: DatabaseKind
  /** As AWS says it, e.g. `available`; where nobody waited, the status that there was. */
  status: string
  /** Whether AWS was asked to do something; or, with `dryRun`, would have been. */
  changed: boolean
  dryRun: boolean
  /** When AWS will start it by itself, if it is stopped. */
  restartsAt: Date | undefined
  /** What keeps it stopped, and what has become of that; `undefined` for one that never was. */
  keep: KeepResult | undefined
  /** Milliseconds. */
  ms: number
}

/** What is done in a phase: `done` there is nothing to do, `act` ask AWS, `wait` for the next phase, `fail` give up. */
type Move = 'done' | 'act' | 'wait' | 'fail'

interface Verb {
  name: 'start' | 'stop'
  doing: string
  /** The phase that it leads to. */
  goal: Phase
  moves: Readonly<Record<Phase, Move>>
  /** Phases that lead there by themselves: who does not want to wait may go. */
  onTheWay: readonly Phase[]
  /** What is done, once and first, about the schedule that keeps it stopped. */
  keep(wish: boolean | undefined, options: KeepStoppedOptions): Promise<KeepResult | undefined>
  call(databases: Databases, database: Database): Promise<void>
}

/** What either verb does in phases that are at neither end. */
const EITHER = { rising: 'wait', falling: 'wait', busy: 'wait', broken: 'fail', gone: 'fail' } as const

const START: Verb = {
  name: 'start',
  doing: 'Starting',
  goal: 'up',
  moves: { ...EITHER, up: 'done', down: 'act' },
  onTheWay: ['rising', 'busy'],
  keep: (_, options) => suspendKeep(options),
  call: (databases, database) => databases.start(database),
}

const STOP: Verb = {
  name: 'stop',
  doing: 'Stopping',
  goal: 'down',
  moves: { ...EITHER, up: 'act', down: 'done' },
  onTheWay: ['falling'],
  keep: keepOnStop,
  call: (databases, database) => databases.stop(database),
}

/** Milliseconds. AWS takes five to ten minutes for either. */
const TIMEOUT = 40 * 60_000
/** Milliseconds for which the status may still be the old one after AWS was asked. */
const LAG = 3 * 60_000

/**
 * Starts an instance or a cluster, whatever status it is in; one that runs already is a success. A schedule that
 * keeps it stopped is switched off first.
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_BROKEN`, `INSTANCE_BUSY`, `INSTANCE_OF_CLUSTER`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export function startInstance(options: PowerOptions): Promise<PowerResult> {
  return bring(START, options)
}

/**
 * Stops an instance or a cluster, whatever status it is in; one that is stopped already is a success.
 * @throws {CruddurError} as `startInstance`, and `INSTANCE_HAS_REPLICA`, `KEEP_ROLE_UNUSABLE`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export function stopInstance(options: StopOptions): Promise<PowerResult> {
  return bring(STOP, options)
}

async function bring(verb: Verb, options: StopOptions): Promise<PowerResult> {
  const started = performance.now()
  const { Databases } = await import('./databases.ts')
  const databases = new Databases(options.aws, options.signal)
  try {
    // Who only asks what would be done must not read that it was.
    const title = `${options.dryRun ? 'Looking at' : verb.doing} ${options.id}`
    const reached = await runStep(options.onProgress, verb.name, title, () => reach(verb, databases, options))
    return { ...reached, ms: performance.now() - started }
  } catch (error) {
    if (error instanceof InterruptedError)
      throw new InterruptedError(`Interrupted; AWS goes on by itself.`, resume(verb, options))
    throw error
  } finally {
    databases.close()
  }
}

async function reach(
  verb: Verb,
  databases: Databases,
  options: StopOptions,
): Promise<Omit<PowerResult, 'ms'>> {
  const { id, wait = true, dryRun = false, timeout = TIMEOUT } = options
  let askedAt: number | undefined
  let told = ''
  let kept: { keep: KeepResult | undefined } | undefined
  const resultOf = ({ kind, status, restartsAt }: Database, changed: boolean) => ({
    id,
    kind,
    status,
    changed,
    dryRun,
    restartsAt: verb.goal === 'down' ? restartsAt : undefined,
    keep: kept?.keep,
  })
  const look = async (elapsed: number) => {
    const database = await databases.find(id)
    // An instance of a cluster is never what is meant, whatever its status.
    requireWhole(database, 'starts and stops', `rds ${verb.name}`)
    const phase = phaseOf(database.status)
    if (told !== '' && database.status !== told) tellStatus(options.onProgress, database, elapsed)
    told = database.status
    const move = verb.moves[phase]
    if (move === 'fail') throw broken(`be brought to ${verb.name}`, database)
    if (askedAt !== undefined && move !== 'done') return lagging(verb, database, elapsed - askedAt)
    if (move !== 'done' || options.keep) refuseReplica(verb, database)
    const isLeft = move !== 'done' && !verb.onTheWay.includes(phase)
    if (isLeft && move === 'wait' && !wait && !dryRun) throw busy(verb.name, database)
    kept ??= { keep: await verb.keep(options.keep, { ...options, databases, database }) }
    if (move === 'done') return resultOf(database, askedAt !== undefined)
    if (dryRun) return resultOf(database, isLeft)
    if (move === 'act' && (await ask(verb, kept.keep, { ...options, databases, database }))) askedAt = elapsed
    if (wait) return undefined
    if (askedAt === undefined && isLeft) throw busy(verb.name, database)
    return resultOf(database, askedAt !== undefined)
  }
  const found = await poll(look, { timeout, pace: options.pace, signal: options.signal })
  if (found) return found
  throw tooLong(`${verb.doing} ${id}`, { id, status: told }, timeout, resume(verb, options))
}

/** Asks AWS. False if the status has changed meanwhile: the next look shows what is to be done then. */
async function ask(
  verb: Verb,
  keep: KeepResult | undefined,
  options: Pick<KeepStoppedOptions, 'databases' | 'database' | 'aws'>,
): Promise<boolean> {
  try {
    await verb.call(options.databases, options.database)
    return true
  } catch (error) {
    if (isWrongState(error)) return false
    throw afterKeep(error, keep, options)
  }
}

/** After AWS was asked, the old status is believed only when it stays. */
function lagging(verb: Verb, { id, status }: Database, since: number): undefined {
  if (verb.moves[phaseOf(status)] !== 'act' || since < LAG) return undefined
  throw new CruddurError(`AWS was asked to ${verb.name} ${id}, but it is still ${status}.`, {
    code: 'INSTANCE_BUSY',
    hint: 'The events of the database in the console say why.',
    details: { id, status },
  })
}

function resume(verb: Verb, { id, keep, aws }: StopOptions): string {
  const flag = keep === undefined ? '' : keep ? ' --keep' : ' --no-keep'
  return `To wait on: ${cruddurCommand(`rds ${verb.name} ${id}${flag}`, aws)}`
}

/** What AWS would refuse, with less to go by. */
function refuseReplica(verb: Verb, { id, kind, replicaOf, replicas }: Database): void {
  if (kind === 'cluster' || verb.goal !== 'down' || (replicaOf === undefined && replicas.length === 0)) return
  const why =
    replicaOf === undefined ? `has the replica ${replicas.join(', ')}` : `is a replica of ${replicaOf}`
  throw new CruddurError(`${id} cannot be stopped: it ${why}.`, {
    code: 'INSTANCE_HAS_REPLICA',
    kind: 'refused',
    hint: 'AWS stops neither replicas nor what they follow; delete or promote the replica first.',
    details: { id, replicaOf: replicaOf ?? null, replicas },
  })
}
