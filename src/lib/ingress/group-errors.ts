import { isAwsError } from '../aws/errors.ts'
import { CruddurError } from '../errors.ts'
import { isExpired } from './lease.ts'
import type { IngressRule } from './rule.ts'
import type { RuleWork } from './update-rule.ts'

/** What AWS says of a group that is not there, or whose id cannot be one, as `SECURITY_GROUP_NOT_FOUND`; other errors stay. */
export function asGroupError(error: unknown, { aws, databaseRegion }: RuleWork, groupId: string): unknown {
  if (!isAwsError(error, 'InvalidGroup')) return error
  const { region, regionSource } = aws
  return new CruddurError(`There is no security group ${groupId} in ${region} (from ${regionSource}).`, {
    code: 'SECURITY_GROUP_NOT_FOUND',
    hint:
      hintForRegion(databaseRegion, region) ??
      'Is it the region of the database? Correct --group or DB_SG_ID, or --region.',
    details: { groupId, region },
    cause: error.cause,
  })
}

/** What to do where the database's own host name says that it is in another region than was asked. */
export function hintForRegion(elsewhere: string | undefined, region: string): string | undefined {
  if (elsewhere === undefined || elsewhere === region) return undefined
  return `The database of PROD_CONNECTION_URL is in another region: --region ${elsewhere}`
}

/** That there is no room, with who can make some. */
export function groupFull(
  groupId: string,
  rules: readonly IngressRule[],
  now: Date,
  cause: unknown,
): CruddurError {
  const inside = rules.filter((rule) => rule.groupId === groupId)
  const others = inside.filter((rule) => isExpired(rule, now)).length
  return new CruddurError(`The security group ${groupId} is full: it has ${inside.length} inbound rules.`, {
    code: 'SECURITY_GROUP_FULL',
    hint:
      others > 0
        ? `${others} of them are leases of others that have ended: they can run cruddur rds update-sg-rule --prune.`
        : 'Remove rules that nobody needs, or ask AWS for a higher quota (rules per security group).',
    details: { groupId, rules: inside.length },
    cause,
  })
}
