import type { NoRuleNeeded } from '../rds/let-machine-in.ts'
import type { RuleOutcome, UpdateRuleResult } from '../ingress/update-rule.ts'
import { count, printableInLine } from './format.ts'

const DONE: Readonly<Record<RuleOutcome, string>> = {
  unchanged: 'Unchanged',
  created: 'Created',
  modified: 'Modified',
  replaced: 'Replaced',
  allowed: 'Allowed already',
}

const WOULD: Readonly<Record<RuleOutcome, string>> = {
  unchanged: 'Nothing to do',
  created: 'Would create',
  modified: 'Would modify',
  replaced: 'Would replace',
  allowed: 'Nothing to do: allowed already',
}

/** What became of a rule, a line for each thing that was done. */
export function describeRuleUpdate(result: UpdateRuleResult | NoRuleNeeded): string[] {
  if (result.outcome === 'not-needed')
    return [
      `Not needed: ${result.host} is ${result.address} here, a private address: access to it is by security group or private range, not by public address. Nothing was changed; --ip lets an address in all the same.`,
    ]
  const { cidr, port, groupId, ruleId, previous, outcome, owner, pruned, left } = result
  const word = (result.dryRun ? WOULD : DONE)[outcome]
  const rule = ruleId === '' ? 'a rule' : ruleId
  const whose =
    outcome === 'allowed'
      ? ` (${owner === undefined ? 'a rule without an owner' : `${printableInLine(owner)}'s`})`
      : ''
  const before = previous !== undefined && previous !== cidr ? `, before ${previous}` : ''
  const lines = [`${word}: ${cidr} on port ${port} by ${rule}${whose} of ${groupId}${before}.`]
  if (pruned.length > 0)
    lines.push(
      `${result.dryRun ? 'Would remove' : 'Removed'} ${count(pruned.length, 'expired rule')} of yours: ${pruned.join(', ')}.`,
    )
  if (left && left.expired + left.untagged > 0)
    lines.push(
      `Left alone: ${count(left.expired, 'expired rule')} of others, ${count(left.untagged, 'rule')} without an owner.`,
    )
  return lines
}
