import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import { type Access, readAccess } from '../../ingress/access.ts'
import type { VerbOptions } from '../../progress.ts'
import { type CurrentCost, currentCost } from './current-cost.ts'
import type { Database } from '../database.ts'
import { type Phase, phaseOf } from '../database-phase.ts'
import { findKeep, type Keep } from '../keep/find-keep.ts'
import { type StandardSupport, standardSupportOf } from './standard-support.ts'
import { warningsOf } from './status-warnings.ts'

export interface InstanceStatusOptions extends VerbOptions {
  aws: AwsSession
  /** The identifier of an instance or a cluster. */
  id: string
  /** The present by default. */
  now?: Date | undefined
}

/** All that there is to say of an instance or a cluster. */
export interface InstanceStatus extends Database {
  /** When this was so. */
  at: Date
  region: string
  phase: Phase
  cost: CurrentCost
  support: StandardSupport
  /** Who may connect to its port. */
  access: Access
  /** Whether it is kept stopped past the seven days after which AWS starts it; `undefined` if that could not be read. */
  keep: Keep | undefined
  /** What a person should know, a sentence each. */
  warnings: string[]
}

/** The port of PostgreSQL, for as long as a new database tells none. */
const USUAL_PORT = 5432

/**
 * Looks at an instance or a cluster, and at who may connect to it. Nothing is changed.
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `AWS_…`; security groups that cannot be read are told in the result
 * @throws {InterruptedError}
 */
export async function instanceStatus({
  aws,
  id,
  now = new Date(),
  signal,
}: InstanceStatusOptions): Promise<InstanceStatus> {
  const { Databases } = await import('../databases.ts')
  const databases = new Databases(aws, signal)
  try {
    const database = await databases.find(id)
    const { securityGroups: groups, endpoint } = database
    const [access, { keep, unread }] = await Promise.all([
      readAccess({ aws, groups, port: endpoint?.port ?? USUAL_PORT, now, signal }),
      readKeep({ aws, database, signal }),
    ])
    const support = standardSupportOf(database, now)
    const status = {
      ...database,
      at: now,
      region: aws.region,
      phase: phaseOf(database.status),
      cost: currentCost(database, support),
      support,
      access,
      keep,
    }
    return { ...status, warnings: [...warningsOf(status), ...unread] }
  } finally {
    databases.close()
  }
}

/** A schedule that may not be read is told, as it is part of a larger picture. */
async function readKeep(
  options: Parameters<typeof findKeep>[0],
): Promise<{ keep: Keep | undefined; unread: string[] }> {
  try {
    return { keep: await findKeep(options), unread: [] }
  } catch (error) {
    if (!(error instanceof CruddurError) || error.kind === 'interrupted') throw error
    return { keep: undefined, unread: [`Whether it is kept stopped could not be read: ${error.message}`] }
  }
}
