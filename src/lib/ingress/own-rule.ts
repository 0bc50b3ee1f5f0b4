import { isAwsError } from '../aws/errors.ts'
import type { CruddurError } from '../errors.ts'
import { groupForNew, groupUnknown } from './group-choice.ts'
import { asGroupError } from './group-errors.ts'
import { isExpired, leaseEnd } from './lease.ts'
import { makeOwnRule } from './make-own-rule.ts'
import { idlePlan, planFor, type OwnPlan } from './own-plan.ts'
import { TAG, type IngressRule } from './rule.ts'
import type { RuleWork, UpdateRuleResult } from './update-rule.ts'

/**
 * Sees to it that a rule of this owner and workspace, told by its tags, lets the range in; or, where somebody's does already,
 * that there is no other one of theirs. Who asks is only found out when something is to be written: the rules alone mostly
 * tell that there is nothing to do.
 * @param groupIds those of the database; a rule is made in the one that is used for such rules
 * @throws {CruddurError} `SECURITY_GROUP_NOT_FOUND`, `SECURITY_GROUP_UNKNOWN`, `SECURITY_GROUP_FULL`, `AWS_…`
 */
export async function updateOwnRule(work: RuleWork, groupIds: readonly string[]): Promise<UpdateRuleResult> {
  const { groups, cidr, port, dryRun = false } = work
  if (groupIds.length === 0) throw groupUnknown(work.database, groupIds)
  const wish = { ...work, prune: work.prune ?? false }
  const rules = await groups.rules(groupIds).catch((error: unknown) => {
    throw asGroupError(error, work, groupIds.join(', '))
  })
  const idle = idlePlan(rules, wish)
  const owner = idle ? idle.present?.tags[TAG.owner] : await work.whoAmI()
  const plan = idle ?? planFor(rules, wish, owner)
  const { present, outdated } = plan
  const result: UpdateRuleResult = {
    outcome: outcomeOf(plan),
    dryRun,
    groupId: present?.groupId ?? groupForNew(work, groupIds, rules, owner),
    ruleId: present?.id ?? '',
    cidr,
    port,
    previous: present ? present.cidr : outdated[0]?.cidr,
    revoked: idsOf(outdated),
    pruned: wish.prune ? idsOf(plan.expired) : [],
    left: wish.prune ? leftAlone(rules, plan, work.now) : undefined,
    owner: present ? present.tags[TAG.owner] : owner,
    database: undefined,
    warnings: [],
  }
  if (dryRun || idle) return result
  return { ...result, ...(await carryOut(work, rules, plan, result)) }
}

/** What was not known before it was done. */
async function carryOut(
  work: RuleWork,
  rules: readonly IngressRule[],
  plan: OwnPlan,
  { groupId, owner = '', pruned }: UpdateRuleResult,
): Promise<Partial<UpdateRuleResult>> {
  const { present, outdated, expired } = plan
  if (present) {
    const warnings = plan.renewal ? await renew(work, present) : []
    await work.groups.revoke([...outdated, ...expired.filter(({ id }) => pruned.includes(id))])
    return { warnings }
  }
  // What of ours lets nobody in any more may go first where there is no room for both.
  const made = await makeOwnRule(work, { groupId, owner, rules, spare: [expired, outdated] })
  const prunedNow = expired.filter(({ id }) => pruned.includes(id) || made.removed.includes(id))
  await work.groups.revoke([...outdated, ...prunedNow].filter(({ id }) => !made.removed.includes(id)))
  return {
    ruleId: made.ruleId,
    owner: made.owner,
    pruned: idsOf(prunedNow),
    ...(made.byOthers ? { outcome: 'allowed' } : {}),
  }
}

function idsOf(rules: readonly IngressRule[]): string[] {
  return rules.map(({ id }) => id)
}

function outcomeOf({ present, isOurs, outdated }: OwnPlan): UpdateRuleResult['outcome'] {
  if (present) return isOurs ? 'unchanged' : 'allowed'
  return outdated.length > 0 ? 'replaced' : 'created'
}

/** What pruning does not touch. */
function leftAlone(
  rules: readonly IngressRule[],
  { present, expired }: OwnPlan,
  now: Date,
): UpdateRuleResult['left'] {
  const others = rules.filter((rule) => rule !== present && !expired.includes(rule))
  return {
    expired: others.filter((rule) => isExpired(rule, now)).length,
    untagged: others.filter(({ tags }) => tags[TAG.owner] === undefined).length,
  }
}

/** A lease that may not be renewed keeps nobody out today. */
async function renew({ groups, now }: RuleWork, rule: IngressRule): Promise<string[]> {
  try {
    await groups.tag(rule.id, { [TAG.expires]: leaseEnd(rule.cidr ?? '', now) })
    return []
  } catch (error) {
    if (!isNotAllowed(error)) throw error
    return [`The lease of ${rule.id} could not be renewed, so that --prune may remove it: ${error.message}`]
  }
}

function isNotAllowed(error: unknown): error is CruddurError {
  return isAwsError(error, 'UnauthorizedOperation') || isAwsError(error, 'AccessDenied')
}
