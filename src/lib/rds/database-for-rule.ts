import type { AwsSession } from '../aws/session.ts'
import { CruddurError } from '../errors.ts'
import { hintForRegion } from '../ingress/group-errors.ts'
import type { RuleDatabase } from '../ingress/rule-database.ts'
import type { Database, DatabaseKind } from './database.ts'
import { phaseOf } from './database-phase.ts'
import { cruddurCommand } from './resume.ts'

/** The database that a rule is for, as far as it is known before AWS is asked. */
export interface MeantDatabase {
  id: string
  /** Of which kind, if something tells: the name of its host does. */
  kind?: DatabaseKind | undefined
  /** Whether it was named for this run. Then it is looked at in any case, and what does not fit it is refused. */
  named: boolean
}

/**
 * Asks RDS for the database that a rule is for.
 * @param region where its host name says that it is
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `AWS_…`
 */
export async function lookForRule(
  aws: AwsSession,
  { id, kind }: MeantDatabase,
  region: string | undefined,
  signal: AbortSignal | undefined,
): Promise<RuleDatabase> {
  const { Databases } = await import('./databases.ts')
  const databases = new Databases(aws, signal)
  try {
    return forRule(await databases.findAlone(id, kind), aws)
  } catch (error) {
    const hint = hintForRegion(region, aws.region)
    if (hint === undefined || !(error instanceof CruddurError) || error.code !== 'INSTANCE_NOT_FOUND')
      throw error
    throw new CruddurError(error.message, { code: error.code, hint, details: error.details, cause: error })
  } finally {
    databases.close()
  }
}

/** Whether a database in this status is stopped, or about to be. */
export function isDown(status: string): boolean {
  return ['down', 'falling'].includes(phaseOf(status))
}

function forRule(database: Database, aws: AwsSession): RuleDatabase {
  const { id, kind, status, securityGroups, endpoint, networkType, publiclyAccessible } = database
  const obstacles: string[] = []
  if (isDown(status))
    obstacles.push(
      `${id} is ${status}: nobody gets in until it runs. ${cruddurCommand(`rds start ${id}`, aws)}`,
    )
  // An Aurora cluster does not say: its instances do, which are not asked for.
  if (kind === 'instance' && !publiclyAccessible)
    obstacles.push(`${id} is not publicly accessible: a rule for a public address does not help there.`)
  return { id, status, securityGroups, endpoint, hasIpv6: networkType !== 'IPV4', obstacles }
}
