import type { AwsSession } from '../aws/session.ts'
import { type Access, readAccess } from '../ingress/access.ts'
import type { VerbOptions } from '../progress.ts'
import { type CurrentCost, currentCost } from './current-cost.ts'
import type { Database } from './database.ts'
import { type Phase, phaseOf } from './database-phase.ts'
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
  /** The schedule that stops it whenever it has been started, if there is one. */
  keep?: { schedule: string; enabled: boolean } | undefined
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
  const { Databases } = await import('./databases.ts')
  const databases = new Databases(aws, signal)
  try {
    const database = await databases.find(id)
    const access = await readAccess({
      aws,
      groups: database.securityGroups,
      port: database.endpoint?.port ?? USUAL_PORT,
      now,
      signal,
    })
    const support = standardSupportOf(database, now)
    const status = {
      ...database,
      at: now,
      region: aws.region,
      phase: phaseOf(database.status),
      cost: currentCost(database, support),
      support,
      access,
    }
    return { ...status, warnings: warningsOf(status) }
  } finally {
    databases.close()
  }
}
