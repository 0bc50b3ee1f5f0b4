import { isAwsError } from '../aws/errors.ts'
import type { AwsSession } from '../aws/session.ts'
import { CruddurError, InterruptedError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import type { Instance } from './instance.ts'
import { type Phase, phaseOf } from './instance-status.ts'
import type { Instances } from './instances.ts'
import { poll, type PollOptions } from './poll.ts'

export interface PowerOptions extends VerbOptions {
  aws: AwsSession
  /** The instance's identifier. */
  instance: string
  /** Whether to wait until it is done; true by default. */
  wait?: boolean | undefined
  /** Milliseconds after which it gives up waiting; 40 min by default. */
  timeout?: number | undefined
  /** Whether nothing is changed. */
  dryRun?: boolean | undefined
  pace?: PollOptions['pace']
}

export interface PowerResult {
  instance: string
  /** As AWS says it, e.g. `available`; where nobody waited, the status that there was. */
  status: string
  /** Whether AWS was asked to do something; or, with `dryRun`, would have been. */
  changed: boolean
  dryRun: boolean
  /** When AWS will start it by itself, if it is stopped. */
  restartsAt: Date | undefined
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
  call(instances: Instances, id: string): Promise<void>
}

/** What either verb does in phases that are at neither end. */
const EITHER = { rising: 'wait', falling: 'wait', busy: 'wait', broken: 'fail', gone: 'fail' } as const

const START: Verb = {
  name: 'start',
  doing: 'Starting',
  goal: 'up',
  moves: { ...EITHER, up: 'done', down: 'act' },
  onTheWay: ['rising', 'busy'],
  call: (instances, id) => instances.start(id),
}

const STOP: Verb = {
  name: 'stop',
  doing: 'Stopping',
  goal: 'down',
  moves: { ...EITHER, up: 'act', down: 'done' },
  onTheWay: ['falling'],
  call: (instances, id) => instances.stop(id),
}

/** Milliseconds. AWS takes five to ten minutes for either. */
const TIMEOUT = 40 * 60_000
/** Milliseconds for which the status may still be the old one after AWS was asked. */
const LAG = 3 * 60_000

/**
 * Starts an instance, whatever status it is in; one that runs already is a success.
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_BROKEN`, `INSTANCE_BUSY`, `INSTANCE_OF_CLUSTER`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export function startInstance(options: PowerOptions): Promise<PowerResult> {
  return bring(START, options)
}

/**
 * Stops an instance, whatever status it is in; one that is stopped already is a success.
 * @throws {CruddurError} as `startInstance`, and `INSTANCE_HAS_REPLICA`
 * @throws {InterruptedError} when the waiting is ended; AWS goes on
 */
export function stopInstance(options: PowerOptions): Promise<PowerResult> {
  return bring(STOP, options)
}

async function bring(verb: Verb, options: PowerOptions): Promise<PowerResult> {
  const started = performance.now()
  const { Instances } = await import('./instances.ts')
  const instances = new Instances(options.aws, options.signal)
  try {
    const reached = await runStep(options.onProgress, verb.name, `${verb.doing} ${options.instance}`, () =>
      reach(verb, instances, options),
    )
    return { ...reached, ms: performance.now() - started }
  } catch (error) {
    if (error instanceof InterruptedError)
      throw new InterruptedError(`Interrupted; AWS goes on by itself.`, resume(verb, options))
    throw error
  } finally {
    instances.close()
  }
}

async function reach(
  verb: Verb,
  instances: Instances,
  options: PowerOptions,
): Promise<Omit<PowerResult, 'ms'>> {
  const { instance: id, wait = true, dryRun = false, timeout = TIMEOUT } = options
  let askedAt: number | undefined
  let told = ''
  const resultOf = ({ status, restartsAt }: Instance, changed: boolean) => ({
    instance: id,
    status,
    changed,
    dryRun,
    restartsAt: verb.goal === 'down' ? restartsAt : undefined,
  })
  const look = async (elapsed: number) => {
    const instance = await instances.describe(id)
    const phase = phaseOf(instance.status)
    if (told !== '' && instance.status !== told) tell(options, instance)
    told = instance.status
    const move = verb.moves[phase]
    if (move === 'done') return resultOf(instance, askedAt !== undefined)
    if (move === 'fail') throw broken(verb, instance)
    if (askedAt !== undefined) return lagging(verb, instance, elapsed - askedAt)
    refuse(verb, instance)
    if (dryRun) return resultOf(instance, !verb.onTheWay.includes(phase))
    if (move === 'act' && (await ask(verb, instances, id))) askedAt = elapsed
    if (wait) return undefined
    if (askedAt === undefined && !verb.onTheWay.includes(phase)) throw busy(verb, instance)
    return resultOf(instance, askedAt !== undefined)
  }
  const found = await poll(look, { timeout, pace: options.pace, signal: options.signal })
  if (found) return found
  throw new CruddurError(
    `${verb.doing} ${id} takes longer than ${Math.round(timeout / 60_000)} min; its status is ${told}.`,
    {
      code: 'AWS_TIMEOUT',
      kind: 'unreachable',
      hint: `AWS goes on by itself. ${resume(verb, options)}`,
      details: { instance: id, status: told },
    },
  )
}

/** Asks AWS. False if the status has changed meanwhile: the next look shows what is to be done then. */
async function ask(verb: Verb, instances: Instances, id: string): Promise<boolean> {
  try {
    await verb.call(instances, id)
    return true
  } catch (error) {
    if (isAwsError(error, 'InvalidDBInstanceState')) return false
    throw error
  }
}

/** After AWS was asked, the old status is believed only when it stays. */
function lagging(verb: Verb, instance: Instance, since: number): undefined {
  if (verb.moves[phaseOf(instance.status)] !== 'act' || since < LAG) return undefined
  throw new CruddurError(
    `AWS was asked to ${verb.name} ${instance.id}, but it is still ${instance.status}.`,
    {
      code: 'INSTANCE_BUSY',
      hint: 'The events of the instance in the console say why.',
      details: { instance: instance.id, status: instance.status },
    },
  )
}

function tell({ onProgress }: PowerOptions, { id, status }: Instance): void {
  onProgress?.({ type: 'note', level: 'info', text: `${id} is ${status}` })
}

function resume(verb: Verb, { instance, aws }: PowerOptions): string {
  const profile = aws.profile === undefined ? '' : ` --profile ${aws.profile}`
  return `To wait on: cruddur rds ${verb.name} ${instance} --region ${aws.region}${profile}`
}

function broken(verb: Verb, { id, status }: Instance): CruddurError {
  return new CruddurError(`${id} cannot be brought to ${verb.name}: its status is ${status}.`, {
    code: 'INSTANCE_BROKEN',
    hint:
      status === 'storage-full'
        ? 'Give it more storage: aws rds modify-db-instance --allocated-storage …'
        : 'The events of the instance in the console say why; restoring a snapshot may be the way out.',
    details: { instance: id, status },
  })
}

function busy(verb: Verb, { id, status }: Instance): CruddurError {
  return new CruddurError(`${id} cannot ${verb.name} now: its status is ${status}.`, {
    code: 'INSTANCE_BUSY',
    hint: 'Without --no-wait, what goes on is waited for.',
    details: { instance: id, status },
  })
}

/** What AWS would refuse, with less to go by. */
function refuse(verb: Verb, { id, cluster, replicaOf, replicas }: Instance): void {
  if (cluster !== undefined)
    throw new CruddurError(
      `${id} belongs to the Aurora cluster ${cluster}, which starts and stops as a whole.`,
      {
        code: 'INSTANCE_OF_CLUSTER',
        hint: `aws rds ${verb.name}-db-cluster --db-cluster-identifier ${cluster}`,
        details: { instance: id, cluster },
      },
    )
  if (verb.goal !== 'down' || (replicaOf === undefined && replicas.length === 0)) return
  const why =
    replicaOf === undefined ? `has the replica ${replicas.join(', ')}` : `is a replica of ${replicaOf}`
  throw new CruddurError(`${id} cannot be stopped: it ${why}.`, {
    code: 'INSTANCE_HAS_REPLICA',
    kind: 'refused',
    hint: 'AWS stops neither replicas nor what they follow; delete or promote the replica first.',
    details: { instance: id, replicaOf: replicaOf ?? null, replicas },
  })
}
