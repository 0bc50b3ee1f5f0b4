import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import type { CreatePlan } from './create-plan.ts'
import { type Database, type DatabaseKind, NOUN } from '../database.ts'
import { phaseOf } from '../database-phase.ts'
import { ENGINE } from './new-database.ts'
import { cruddurCommand } from '../resume.ts'

/** The command that makes a database, or takes up the making. */
export function createCommand(id: string, kind: DatabaseKind, aws: AwsSession): string {
  return cruddurCommand(`rds create ${id}${kind === 'cluster' ? ' --aurora' : ''}`, aws)
}

/**
 * Makes sure that a database is not another thing of the same name, nor about to go.
 * @throws {CruddurError} `IDENTIFIER_TAKEN`, `INSTANCE_BUSY`
 */
export function requireSame(
  wanted: DatabaseKind,
  aws: AwsSession,
  { id, kind, cluster, engine, status }: Database,
): void {
  if (phaseOf(status) === 'gone')
    throw new CruddurError(`${id} is being deleted; it can be made again when it is gone.`, {
      code: 'INSTANCE_BUSY',
      hint: `Try again in some minutes: ${createCommand(id, wanted, aws)}`,
      details: { id, status },
    })
  if (kind === wanted && cluster === undefined && engine === ENGINE[kind]) return
  const what =
    cluster !== undefined ? `an instance of the Aurora cluster ${cluster}` : `an RDS ${kind} with ${engine}`
  throw new CruddurError(`${id} is taken: it is ${what}.`, {
    code: 'IDENTIFIER_TAKEN',
    hint:
      kind === 'cluster' && engine === ENGINE.cluster
        ? `If it is meant: ${createCommand(id, 'cluster', aws)}`
        : 'Choose another identifier: cruddur rds create NAME',
    details: { id, kind, engine, cluster: cluster ?? null },
  })
}

/** For a plan that nobody has agreed to. */
export function notConfirmed({ database }: CreatePlan): CruddurError {
  return new CruddurError(
    `Making the ${NOUN[database.kind]} ${database.id} was not confirmed; nothing was done.`,
    {
      code: 'NOT_CONFIRMED',
      kind: 'refused',
      hint: 'Answer y on a terminal, or add --yes.',
      details: { action: 'create', id: database.id },
    },
  )
}

/**
 * Makes sure that the name of a cluster's first instance is not another database's.
 * @param found what has that name
 * @throws {CruddurError} `IDENTIFIER_TAKEN`
 */
export function requireFree(cluster: string, found: Database | undefined): void {
  if (!found || found.cluster === cluster) return
  throw new CruddurError(
    `${found.id} is taken: that is the name of the instance that the cluster ${cluster} is to have.`,
    {
      code: 'IDENTIFIER_TAKEN',
      hint: 'Choose another identifier for the cluster: cruddur rds create NAME --aurora',
      details: { id: found.id, kind: found.kind, engine: found.engine, cluster: found.cluster ?? null },
    },
  )
}
