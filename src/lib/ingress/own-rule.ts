import { isAwsError } from '../aws/errors.ts'
import { CruddurError } from '../errors.ts'
import { isExpired, lets, TAG, type IngressRule } from './rule.ts'
import type { RuleWork, UpdateRuleResult } from './update-rule.ts'

/** How long a rule is ours without being used, in milliseconds; and when it is renewed. */
const DAY = 86_400_000
const LEASE = 30 * DAY
const RENEW_BELOW = 10 * DAY

/** What is known before anything is written. */
interface Situation {
  groupId: string
  owner: string
  /** All inbound rules of the group. */
  rules: IngressRule[]
  /** Those of this owner's other workspaces whose lease has ended; not the one that lets us in, if it is one of them. */
  expired: IngressRule[]
}

/**
 * Sees to it that the rule of this owner and workspace, told by its tags, lets the address in.
 * @throws {CruddurError} `SECURITY_GROUP_NOT_FOUND`, `SECURITY_GROUP_FULL`, `AWS_…`
 */
export async function updateOwnRule(work: RuleWork, groupId: string): Promise<UpdateRuleResult> {
  const { cidr, port, workspace, prune = false, dryRun = false } = work
  const { callerName } = await import('./caller.ts')
  const [owner, rules] = await Promise.all([callerName(work.aws, work.signal), readRules(work, groupId)])
  const mine = rules.filter(({ tags }) => tags[TAG.owner] === owner && tags[TAG.workspace] === workspace)
  const present = mine.find((rule) => lets(rule, cidr, port)) ?? rules.find((rule) => lets(rule, cidr, port))
  const expired = rules.filter(
    (rule) =>
      rule.tags[TAG.owner] === owner && isExpired(rule, work.now) && !mine.includes(rule) && rule !== present,
  )
  const situation: Situation = { groupId, owner, rules, expired }
  const outdated = mine.filter((rule) => rule !== present)
  const result: UpdateRuleResult = {
    outcome: outcomeOf(present, mine),
    dryRun,
    groupId,
    ruleId: present?.id ?? '',
    cidr,
    port,
    previous: present ? present.cidr : outdated[0]?.cidr,
    revoked: idsOf(outdated),
    pruned: prune ? idsOf(expired) : [],
    owner: present ? present.tags[TAG.owner] : owner,
    warnings: [],
  }
  if (dryRun) return result
  let removed: string[] = []
  if (!present) {
    const made = await make(work, situation)
    result.ruleId = made.id
    if (made.others) result.outcome = 'allowed'
    if (made.removed.length > 0) {
      removed = made.removed
      result.pruned = removed
    }
  } else if (mine.includes(present)) await renew(work, present)
  const gone = [...result.revoked, ...result.pruned].filter((id) => !removed.includes(id))
  if (gone.length > 0) await work.groups.revoke(groupId, gone)
  return result
}

function idsOf(rules: readonly IngressRule[]): string[] {
  return rules.map(({ id }) => id)
}

function outcomeOf(
  present: IngressRule | undefined,
  mine: readonly IngressRule[],
): UpdateRuleResult['outcome'] {
  if (present) return mine.includes(present) ? 'unchanged' : 'allowed'
  return mine.length > 0 ? 'replaced' : 'created'
}

async function readRules({ groups, aws }: RuleWork, groupId: string): Promise<IngressRule[]> {
  try {
    return await groups.rules(groupId)
  } catch (error) {
    throw asGroupError(error, aws, groupId)
  }
}

function groupNotFound(groupId: string, aws: RuleWork['aws'], cause: unknown): CruddurError {
  return new CruddurError(
    `There is no security group ${groupId} in ${aws.region} (from ${aws.regionSource}).`,
    {
      code: 'SECURITY_GROUP_NOT_FOUND',
      hint: 'Is it the region of the database? Correct --group or DB_SG_ID, or --region.',
      details: { groupId, region: aws.region },
      cause,
    },
  )
}

/** Makes the rule. Somebody else may do so at the same moment; a full group is tidied up, once. */
async function make(
  work: RuleWork,
  situation: Situation,
): Promise<{ id: string; removed: string[]; others: boolean }> {
  const { groups, cidr, port, workspace, now } = work
  const { groupId, owner } = situation
  const description = work.description ?? `${owner}@${workspace}`
  const tags = { [TAG.owner]: owner, [TAG.workspace]: workspace, [TAG.expires]: leaseEnd(now) }
  const authorize = () => groups.authorize(groupId, { cidr, port, description }, tags)
  try {
    return { id: await authorize(), removed: [], others: false }
  } catch (error) {
    if (isAwsError(error, 'InvalidPermission.Duplicate'))
      return { ...(await madeMeanwhile(work, groupId, error)), removed: [] }
    if (!isAwsError(error, 'RulesPerSecurityGroupLimitExceeded')) throw asGroupError(error, work.aws, groupId)
    const removed = idsOf(situation.expired)
    if (removed.length === 0) throw groupFull(situation, work.now, error)
    await groups.revoke(groupId, removed)
    return { id: await authorize(), removed, others: false }
  }
}

async function madeMeanwhile(
  { groups, cidr, port, workspace }: RuleWork,
  groupId: string,
  error: unknown,
): Promise<{ id: string; others: boolean }> {
  const rules = await groups.rules(groupId)
  const found = rules.find((rule) => lets(rule, cidr, port))
  if (!found) throw error
  return { id: found.id, others: found.tags[TAG.workspace] !== workspace }
}

function asGroupError(error: unknown, aws: RuleWork['aws'], groupId: string): unknown {
  return isAwsError(error, 'InvalidGroup') ? groupNotFound(groupId, aws, error.cause) : error
}

function groupFull({ groupId, rules }: Situation, now: Date, cause: unknown): CruddurError {
  const others = rules.filter((rule) => isExpired(rule, now)).length
  return new CruddurError(`The security group ${groupId} is full: it has ${rules.length} inbound rules.`, {
    code: 'SECURITY_GROUP_FULL',
    hint:
      others > 0
        ? `${others} of them are leases of others that have ended: they can run cruddur rds update-sg-rule --prune.`
        : 'Remove rules that nobody needs, or ask AWS for a higher quota (rules per security group).',
    details: { groupId, rules: rules.length },
    cause,
  })
}

/** A lease that is used goes on; it is written only now and then, since most runs change nothing. */
async function renew({ groups, now }: RuleWork, rule: IngressRule): Promise<void> {
  const left = Date.parse(rule.tags[TAG.expires] ?? '') - now.getTime()
  if (!(left >= RENEW_BELOW)) await groups.tag(rule.id, { [TAG.expires]: leaseEnd(now) })
}

function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE).toISOString()
}
