import type { AwsSession } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import type { Database, DatabaseKind } from '../rds/database.ts'
import { phaseOf } from '../rds/database-phase.ts'
import { cruddurCommand } from '../rds/resume.ts'
import { hintForRegion } from './group-errors.ts'
import { isIpv6 } from './rule.ts'
import type { RuleWork } from './update-rule.ts'

/** The database that a rule is for, as far as it is known before AWS is asked. */
export interface MeantDatabase {
  id: string
  /** Of which kind, if something tells: the name of its host does. */
  kind?: DatabaseKind | undefined
  /** Whether it was named for this run. Then it is looked at in any case, and what does not fit it is refused. */
  named: boolean
}

/**
 * Asks RDS for a database.
 * @param host where it listens, if that is known: its name tells the region
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `AWS_…`
 */
export async function describeDatabase(
  aws: AwsSession,
  { id, kind }: MeantDatabase,
  host: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Database> {
  const { Databases } = await import('../rds/databases.ts')
  const databases = new Databases(aws, signal)
  try {
    return await databases.find(id, kind)
  } catch (error) {
    const hint = hintForRegion(host, aws.region)
    if (hint === undefined || !(error instanceof CruddurError) || error.code !== 'INSTANCE_NOT_FOUND')
      throw error
    throw new CruddurError(error.message, { code: error.code, hint, details: error.details, cause: error })
  } finally {
    databases.close()
  }
}

/**
 * Refuses a group that the database does not use: a rule there would let nobody in. Not with `force`.
 * @throws {CruddurError} `GROUP_NOT_OF_DATABASE`
 */
export function refuseOtherGroup({ database, force }: RuleWork, groupId: string): void {
  if (!database || force || database.securityGroups.includes(groupId)) return
  throw new CruddurError(notAttached(database, groupId), {
    code: 'GROUP_NOT_OF_DATABASE',
    kind: 'refused',
    hint: 'Leave out DB_SG_ID and DB_SG_RULE_ID, and the group is found by the database; or use --force.',
    details: { groupId, database: database.id, groups: database.securityGroups },
  })
}

/**
 * Refuses an address that cannot reach the database, and a port that it does not listen on. Not with `force`.
 * @param port the one that was asked for
 * @throws {CruddurError} `DATABASE_IPV4_ONLY`
 * @throws {UsageError} `NOT_THE_DATABASE_PORT`
 */
export function refuseUseless(
  database: Database | undefined,
  known: number | undefined,
  { cidr, port, force }: { cidr: string; port?: number | undefined; force?: boolean | undefined },
): void {
  if (force) return
  if (database && isIpv6(cidr) && isIpv4Only(database))
    throw new CruddurError(`You have only IPv6 (${cidr}), and ${database.id} only IPv4.`, {
      code: 'DATABASE_IPV4_ONLY',
      kind: 'unreachable',
      hint: 'Use a network with NAT64 or a VPN, or let AWS change it: aws rds modify-db-instance --network-type DUAL …',
      details: { cidr, database: database.id },
    })
  if (port !== undefined && known !== undefined && port !== known)
    throw new UsageError(`The database listens on port ${known}, not on ${port}.`, {
      code: 'NOT_THE_DATABASE_PORT',
      hint: 'Leave out --port, or use --force.',
      details: { port, databasePort: known },
    })
}

/** What people should know about a database that they have let an address in to. */
export function remarksOn(
  database: Database,
  { groupId, cidr }: { groupId: string; cidr: string },
  aws: AwsSession,
): string[] {
  const { id, kind, status, publiclyAccessible } = database
  const remarks: string[] = []
  if (!database.securityGroups.includes(groupId)) remarks.push(notAttached(database, groupId))
  if (isDown(status))
    remarks.push(
      `${id} is ${status}: nobody gets in until it runs. ${cruddurCommand(`rds start ${id}`, aws)}`,
    )
  // An Aurora cluster does not say: its instances do.
  if (kind === 'instance' && !publiclyAccessible)
    remarks.push(`${id} is not publicly accessible: a rule for a public address does not help there.`)
  if (isIpv6(cidr) && isIpv4Only(database)) remarks.push(`${id} has only IPv4: ${cidr} does not get there.`)
  return remarks
}

/** Whether a database in this status is stopped, or about to be. */
export function isDown(status: string): boolean {
  return ['down', 'falling'].includes(phaseOf(status))
}

function isIpv4Only({ networkType }: Database): boolean {
  return networkType === 'IPV4'
}

function notAttached({ id, securityGroups }: Database, groupId: string): string {
  return `${groupId} is not attached to ${id}, which has ${securityGroups.join(', ') || 'none'}.`
}
