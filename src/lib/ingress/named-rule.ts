import { isAwsError } from '../aws/errors.ts'
import { formatDuration } from '../duration.ts'
import { CruddurError } from '../errors.ts'
import { hintForRegion } from './group-errors.ts'
import { leaseAge } from './lease.ts'
import { isExactly, isIpv6, lets, reaches, TAG, type IngressRule } from './rule.ts'
import { refuseOtherGroup } from './rule-database.ts'
import type { RuleContents } from './security-group.ts'
import type { RuleWork, UpdateRuleResult } from './update-rule.ts'

/** What the rule was called before there was cruddur; people look for it in the console. */
const DEFAULT_DESCRIPTION = 'GITPOD'

/**
 * Modifies the rule that was named, in place: as the script did that this replaces.
 * @throws {CruddurError} `RULE_NOT_FOUND`, `RULE_OF_OTHERS`, `AWS_…`
 */
export async function updateNamedRule(work: RuleWork, id: string): Promise<UpdateRuleResult> {
  const { groups, cidr, port, dryRun = false } = work
  const rule = await find(work, id)
  const result: UpdateRuleResult = {
    outcome: 'unchanged',
    dryRun,
    groupId: rule.groupId,
    ruleId: id,
    cidr,
    port,
    previous: rule.cidr,
    revoked: [],
    pruned: [],
    left: undefined,
    owner: rule.tags[TAG.owner],
    database: undefined,
    warnings: [],
  }
  if (isExactly(rule, cidr, port)) return result
  refuseUnlike(work, rule)
  await refuseOthers(work, rule)
  const description = work.description ?? (rule.description || DEFAULT_DESCRIPTION)
  const contents: RuleContents = { cidr, port, description }
  const sameFamily = rule.cidr !== undefined && isIpv6(rule.cidr) === isIpv6(cidr)
  const outcome = sameFamily ? 'modified' : 'replaced'
  if (dryRun) return { ...result, outcome }
  try {
    if (sameFamily) await groups.modify(rule.groupId, id, contents)
    else return { ...result, ...(await replace(work, rule, contents)) }
  } catch (error) {
    if (!isAwsError(error, 'InvalidPermission.Duplicate')) throw error
    return { ...result, ...(await allowedAlready(work, rule)) }
  }
  return { ...result, outcome }
}

async function find(work: RuleWork, id: string): Promise<IngressRule> {
  const { groups, groupId, aws } = work
  const where = `in ${aws.region} (from ${aws.regionSource})`
  const missing = (why: string, hint: string, cause?: unknown) =>
    new CruddurError(`The rule ${id} ${why}.`, {
      code: 'RULE_NOT_FOUND',
      hint,
      details: { ruleId: id },
      cause,
    })
  try {
    const rule = await groups.rule(id)
    if (rule.isEgress) throw missing('is for outgoing traffic', 'Name an inbound rule in DB_SG_RULE_ID.')
    if (groupId !== undefined && rule.groupId !== groupId)
      throw new CruddurError(`The rule ${id} belongs to ${rule.groupId}, not to ${groupId}.`, {
        code: 'RULE_IN_OTHER_GROUP',
        hint: 'Make DB_SG_ID and DB_SG_RULE_ID fit, or leave out one of them.',
        details: { ruleId: id, groupId: rule.groupId },
      })
    refuseOtherGroup(work, rule.groupId)
    return rule
  } catch (error) {
    if (!isAwsError(error, 'InvalidSecurityGroupRuleId.')) throw error
    const hint =
      hintForRegion(work.databaseRegion, aws.region) ??
      'Is it the right region? Without DB_SG_RULE_ID, and with DB_SG_ID, a rule of your own is made.'
    throw missing(`does not exist ${where}`, hint, error.cause)
  }
}

/** A rule that was named by mistake: what it lets in is no address of a workspace, or is let in elsewhere. */
function refuseUnlike({ force = false, port }: RuleWork, rule: IngressRule): void {
  const { id, cidr, from, fromPort, toPort, protocol } = rule
  if (force || (cidr !== undefined && reaches(rule, port))) return
  const ports = fromPort === toPort ? `port ${fromPort}` : `ports ${fromPort} to ${toPort}`
  const what = cidr === undefined ? from : `${cidr} on ${ports} (${protocol})`
  throw new CruddurError(`The rule ${id} lets in ${what}: to modify it would lock that out.`, {
    code: 'RULE_OF_OTHERS',
    kind: 'refused',
    hint: 'Leave out DB_SG_RULE_ID to get a rule of your own, or use --force if that is meant.',
    details: { ruleId: id, from, port },
  })
}

/** A rule that a teammate's cruddur made for the teammate: to change it would lock the teammate out. */
async function refuseOthers(work: RuleWork, rule: IngressRule): Promise<void> {
  const { force = false, now } = work
  const { [TAG.owner]: owner, [TAG.workspace]: place } = rule.tags
  if (force || owner === undefined || owner === (await work.whoAmI())) return
  const age = leaseAge(rule, now)
  const when = age === undefined ? '' : ` ${formatDuration(age)} ago`
  throw new CruddurError(
    `The rule ${rule.id} was set to ${rule.cidr ?? 'something else'} by ${owner} (${place ?? 'another workspace'})${when}.`,
    {
      code: 'RULE_OF_OTHERS',
      kind: 'refused',
      hint: 'Leave out DB_SG_RULE_ID to get a rule of your own, or use --force to lock them out.',
      details: { ruleId: rule.id, owner },
    },
  )
}

/** A rule cannot change its address family: the new one comes first, then the old one goes. */
async function replace(
  { groups }: RuleWork,
  rule: IngressRule,
  contents: RuleContents,
): Promise<Partial<UpdateRuleResult>> {
  // Tags of AWS' own, as CloudFormation has them set, nobody else may set.
  const tags = Object.fromEntries(Object.entries(rule.tags).filter(([name]) => !/^aws:/i.test(name)))
  const ruleId = await groups.authorize(rule.groupId, contents, tags)
  await groups.revoke([rule])
  const warning = `A rule cannot change between IPv4 and IPv6: ${ruleId} has taken the place of ${rule.id}.`
  return { outcome: 'replaced', ruleId, revoked: [rule.id], warnings: [warning] }
}

/** Another rule lets the address in already: that is what was wanted, and the one that was named stays as it is. */
async function allowedAlready(
  { groups, cidr, port }: RuleWork,
  rule: IngressRule,
): Promise<Partial<UpdateRuleResult>> {
  const rules = await groups.rules([rule.groupId])
  const other = rules.find((one) => one.id !== rule.id && lets(one, cidr, port))
  const warning = `${other?.id ?? 'Another rule'} lets ${cidr} in already; ${rule.id} still lets in ${rule.cidr ?? 'what it did'}.`
  return {
    outcome: 'allowed',
    ruleId: other?.id ?? rule.id,
    owner: other?.tags[TAG.owner],
    warnings: [warning],
  }
}
