import { isAwsError } from '../../aws/errors.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError, InterruptedError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import { requireFree } from './create-refusals.ts'
import type { Creations } from './creations.ts'
import type { Database } from '../database.ts'
import { phaseOf } from '../database-phase.ts'
import type { Databases } from '../databases.ts'
import { firstInstanceOf, type NewCluster } from './new-database.ts'
import { poll, type PollOptions } from '../../poll.ts'
import { explainRefusal } from '../rds-failures.ts'
import { broken, tooLong } from '../status-report.ts'
import { TAG } from '../tags.ts'
import { isWrongState } from '../wrong-state.ts'

export interface FirstInstanceOptions extends VerbOptions {
  aws: AwsSession
  databases: Databases
  cluster: NewCluster
  /** Throws if what has the cluster's name is something else. */
  requireSame: (database: Database) => void
  /** How to go on where this run ends. */
  resume: string
  /** Milliseconds after which it gives up. */
  timeout: number
  /** Milliseconds for which the cluster may not be there yet. */
  grace: number
  pace?: PollOptions['pace']
}

/** Whether a database is a cluster to which nobody can connect, as the run that made it ended before it made an instance. */
export function lacksInstance({ kind, members, status }: Database): boolean {
  const phase = phaseOf(status)
  return kind === 'cluster' && members.length === 0 && phase !== 'down' && phase !== 'falling'
}

/**
 * Asks for the first instance of a cluster that has been asked for, as soon as RDS takes it.
 * @returns the identifier of the instance, or of the one that the cluster has already
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_BROKEN`, `IDENTIFIER_TAKEN`, `AWS_TIMEOUT`, `AWS_…`
 * @throws {InterruptedError} when the waiting is ended
 */
export async function makeFirstInstance(options: FirstInstanceOptions): Promise<string> {
  const { aws, databases, cluster, grace, timeout, pace, signal, resume } = options
  const { Creations } = await import('./creations.ts')
  const creations = new Creations(aws, signal)
  let status = 'unknown'
  const look = async (elapsed: number) => {
    const found = await (elapsed < grace ? databases.seek(cluster.id) : databases.find(cluster.id))
    if (!found) return undefined
    options.requireSame(found)
    if (phaseOf(found.status) === 'broken') throw broken('get an instance', found)
    status = found.status
    return found.members[0] ?? (await request(creations, options, found))
  }
  try {
    const id = await poll(look, { timeout, pace, signal })
    if (id !== undefined) return id
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error
    throw new InterruptedError(`Interrupted; the cluster ${cluster.id} may have no instance yet.`, resume)
  } finally {
    creations.close()
  }
  throw tooLong(`Making ${firstInstanceOf(cluster.id)}`, { id: cluster.id, status }, timeout, resume)
}

/** Asks RDS; `undefined` if the cluster is not ready for it. */
async function request(
  creations: Creations,
  options: FirstInstanceOptions,
  { id, tags }: Database,
): Promise<string | undefined> {
  const { cluster, databases } = options
  const first = firstInstanceOf(id)
  // What was asked for when the cluster was made counts, not what this run was told.
  const isPublic = cluster.publiclyAccessible && tags[TAG.public] !== 'no'
  const shared = [TAG.project, TAG.owner, TAG.createdBy].flatMap((name) => {
    const value = tags[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  try {
    await creations.createFirstInstance(id, isPublic, Object.fromEntries(shared))
    return first
  } catch (error) {
    if (isWrongState(error)) return undefined
    if (!isAwsError(error, 'DBInstanceAlreadyExists')) throw withoutInstance(error, first, options)
    requireFree(id, await databases.seek(first))
    return first
  }
}

/** The same error, with what there is now and how to go on. */
function withoutInstance(error: unknown, first: string, { cluster, resume }: FirstInstanceOptions): unknown {
  const explained = explainRefusal(first, error)
  if (!(explained instanceof CruddurError) || explained.kind === 'interrupted') return explained
  const { message, code, kind, hint, context, details, cause } = explained
  const there = `The cluster ${cluster.id} is there, without an instance to connect to. ${resume}`
  return new CruddurError(message, {
    code,
    kind,
    hint,
    context: context === undefined ? there : `${context}\n${there}`,
    details,
    cause,
  })
}
