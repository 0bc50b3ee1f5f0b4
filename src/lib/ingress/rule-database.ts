import { CruddurError, UsageError } from '../errors.ts'
import { isIpv6 } from './rule.ts'
import type { RuleWork, UpdateRuleResult } from './update-rule.ts'

/** What is looked at of the database that a rule is for. */
export interface RuleDatabase {
  id: string
  /** As AWS says it, e.g. `available`. */
  status: string
  /** The ids of its VPC security groups. */
  securityGroups: readonly string[]
  /** Where it listens; not there while it is being created. */
  endpoint: { host: string; port: number } | undefined
  /** Whether it takes connections over IPv6. */
  hasIpv6: boolean
  /** What keeps people out whatever its rules say, in sentences. */
  obstacles: readonly string[]
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
 * @param port that of the database, as far as it is known
 * @throws {CruddurError} `DATABASE_IPV4_ONLY`
 * @throws {UsageError} `NOT_THE_DATABASE_PORT`
 */
export function refuseUseless(
  database: RuleDatabase | undefined,
  port: number | undefined,
  wish: { cidr: string; port?: number | undefined; force?: boolean | undefined },
): void {
  if (wish.force) return
  if (database && !database.hasIpv6 && isIpv6(wish.cidr))
    throw new CruddurError(`You have only IPv6 (${wish.cidr}), and ${database.id} only IPv4.`, {
      code: 'DATABASE_IPV4_ONLY',
      kind: 'unreachable',
      hint: 'Use a network with NAT64 or a VPN, or let AWS change it: aws rds modify-db-instance --network-type DUAL …',
      details: { cidr: wish.cidr, database: database.id },
    })
  if (wish.port !== undefined && port !== undefined && wish.port !== port)
    throw new UsageError(`The database listens on port ${port}, not on ${wish.port}.`, {
      code: 'NOT_THE_DATABASE_PORT',
      hint: 'Leave out --port, or use --force.',
      details: { port: wish.port, databasePort: port },
    })
}

/** What people should know about a database that they have let an address in to. */
export function remarksOn(database: RuleDatabase, { groupId, cidr }: UpdateRuleResult): string[] {
  const { id, securityGroups, hasIpv6, obstacles } = database
  return [
    ...(securityGroups.includes(groupId) ? [] : [notAttached(database, groupId)]),
    ...obstacles,
    ...(isIpv6(cidr) && !hasIpv6 ? [`${id} has only IPv4: ${cidr} does not get there.`] : []),
  ]
}

function notAttached({ id, securityGroups }: RuleDatabase, groupId: string): string {
  return `${groupId} is not attached to ${id}, which has ${securityGroups.join(', ') || 'none'}.`
}
