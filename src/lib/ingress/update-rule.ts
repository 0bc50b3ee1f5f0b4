import type { AwsSession } from '../aws/session.ts'
import { CruddurError, UsageError } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { updateNamedRule } from './named-rule.ts'
import { updateOwnRule } from './own-rule.ts'
import type { SecurityGroups } from './security-group.ts'

export interface UpdateRuleOptions extends VerbOptions {
  aws: AwsSession
  /** The security group, e.g. `sg-0123abcd`; not needed with `ruleId`. */
  groupId?: string | undefined
  /** A rule that is to be modified in place, e.g. `sgr-0123abcd`; without it, the rule of this owner and workspace. */
  ruleId?: string | undefined
  /** Whom to let in: one address, as `203.0.113.7/32` or `2001:db8::1/128`. */
  cidr: string
  port: number
  /** Tells workspaces of one owner apart. */
  workspace: string
  /** The rule's description; `owner@workspace` when not given. */
  description?: string | undefined
  /** Whether a named rule that bears another owner's tag is taken over. */
  force?: boolean | undefined
  /** Whether our own rules whose lease has ended are removed. */
  prune?: boolean | undefined
  /** Whether nothing is written. */
  dryRun?: boolean | undefined
  /** How long it may take, in milliseconds; 20 s when not given, as it is part of every start of a workspace. */
  budget?: number | undefined
  /** The time leases are counted from; the present when not given. */
  now?: Date | undefined
}

/** What became of the rule; `allowed` when a rule that is not ours lets the address in already. */
export type RuleOutcome = 'unchanged' | 'created' | 'modified' | 'replaced' | 'allowed'

export interface UpdateRuleResult {
  outcome: RuleOutcome
  /** Whether it would only have been done. */
  dryRun: boolean
  groupId: string
  /** The rule that lets the address in; empty where a dry run would have made it. */
  ruleId: string
  cidr: string
  port: number
  /** What the rule let in before. */
  previous: string | undefined
  /** Rules of ours that were removed since others took their place. */
  revoked: string[]
  /** Rules of ours that were removed since their lease had ended. */
  pruned: string[]
  /** Whose rule it is, as its tag says; `undefined` for one without that tag. */
  owner: string | undefined
  warnings: string[]
}

/** What the two ways to find the rule are given. */
export interface RuleWork extends UpdateRuleOptions {
  groups: SecurityGroups
  now: Date
}

/** How long a run may take, the search for the address included, in milliseconds. */
export const BUDGET = 20_000

/**
 * Lets one address in on a port, through one rule of a security group. It may be run again and again: nothing is written
 * when nothing has changed, the new rule is there before the old one goes, and no rule of others is touched.
 * @throws {UsageError} `SECURITY_GROUP_UNKNOWN`, `CIDR_TOO_WIDE`
 * @throws {CruddurError} `RULE_NOT_FOUND`, `RULE_OF_OTHERS`, `SECURITY_GROUP_NOT_FOUND`, `SECURITY_GROUP_FULL`, `AWS_…`
 */
export async function updateIngressRule(options: UpdateRuleOptions): Promise<UpdateRuleResult> {
  requireOneAddress(options.cidr)
  const { budget: limit = BUDGET } = options
  const late = new AbortController()
  // Not `AbortSignal.timeout`: within `AbortSignal.any`, Node before 22.16 may collect it before it fires.
  const timer = setTimeout(() => late.abort(), limit)
  const signal = options.signal ? AbortSignal.any([options.signal, late.signal]) : late.signal
  const { SecurityGroups } = await import('./security-group.ts')
  const groups = new SecurityGroups(options.aws, signal)
  const work: RuleWork = { ...options, signal, groups, now: options.now ?? new Date() }
  try {
    return await runStep(options.onProgress, 'rule', 'Updating the security group rule', () => update(work))
  } catch (error) {
    if (late.signal.aborted && !options.signal?.aborted) throw tooSlow(limit, error)
    throw error
  } finally {
    clearTimeout(timer)
    groups.close()
  }
}

async function update(work: RuleWork): Promise<UpdateRuleResult> {
  if (work.ruleId === undefined) return updateOwnRule(work, requireGroup(work))
  try {
    return await updateNamedRule(work, work.ruleId)
  } catch (error) {
    if (work.groupId === undefined || !isRuleGone(error)) throw error
    const result = await updateOwnRule(work, work.groupId)
    const gone = `The rule ${work.ruleId} no longer exists; ${result.ruleId || 'a new rule'} takes its place (take DB_SG_RULE_ID out of the environment).`
    return { ...result, warnings: [gone, ...result.warnings] }
  }
}

function isRuleGone(error: unknown): boolean {
  return error instanceof CruddurError && error.code === 'RULE_NOT_FOUND'
}

function requireGroup({ groupId }: RuleWork): string {
  if (groupId !== undefined) return groupId
  throw new UsageError('Which security group is meant is not known.', {
    code: 'SECURITY_GROUP_UNKNOWN',
    hint: 'Name it: --group sg-…, or DB_SG_ID in the environment or .env.',
  })
}

/** A tool that runs by itself must not open a database to the world, whatever it is given. */
function requireOneAddress(cidr: string): void {
  if (/^[\d.]+\/32$|^[\da-f:]+\/128$/.test(cidr)) return
  throw new UsageError(`${JSON.stringify(cidr)} is not one address.`, {
    code: 'CIDR_TOO_WIDE',
    hint: 'Name an address such as 203.0.113.7; wider ranges are for the console.',
  })
}

function tooSlow(limit: number, cause: unknown): CruddurError {
  return new CruddurError(`AWS did not answer in time: it took longer than ${(limit / 1000).toFixed(1)} s.`, {
    code: 'AWS_UNREACHABLE',
    kind: 'unreachable',
    hint: 'Whether the rule has been changed is not known; running it again is safe.',
    cause,
  })
}
