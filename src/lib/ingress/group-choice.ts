import { UsageError } from '../errors.ts'
import { TAG, type IngressRule } from './rule.ts'
import type { RuleDatabase } from './rule-database.ts'
import type { RuleWork } from './update-rule.ts'

/**
 * The group that a new rule is made in: the only one, else the one that holds rules of this workspace, else of this owner,
 * else of anybody who uses cruddur.
 * @throws {UsageError} `SECURITY_GROUP_UNKNOWN` when that is none, or several
 */
export function groupForNew(
  { workspace, database }: Pick<RuleWork, 'workspace' | 'database'>,
  groupIds: readonly string[],
  rules: readonly IngressRule[],
  owner: string | undefined,
): string {
  const [first, ...more] = groupIds
  if (first !== undefined && more.length === 0) return first
  const made = rules.filter(({ tags }) => tags[TAG.owner] !== undefined)
  const owned = made.filter(({ tags }) => tags[TAG.owner] === owner)
  const here = owned.filter(({ tags }) => tags[TAG.workspace] === workspace)
  const nearest = [here, owned, made].find((some) => some.length > 0) ?? []
  const [only, ...others] = new Set(nearest.map(({ groupId }) => groupId))
  if (only !== undefined && others.length === 0) return only
  throw groupUnknown(database, groupIds)
}

/** That it is not clear in which of a database's groups such rules are. */
export function groupUnknown(database: RuleDatabase | undefined, groupIds: readonly string[]): UsageError {
  const name = database?.id ?? 'The database'
  return new UsageError(
    groupIds.length === 0
      ? `${name} has no security group.`
      : `${name} has several security groups: ${groupIds.join(', ')}.`,
    {
      code: 'SECURITY_GROUP_UNKNOWN',
      hint: 'Name the one for such rules: --group sg-…, or DB_SG_ID in the environment or .env.',
      details: { groups: [...groupIds] },
    },
  )
}
