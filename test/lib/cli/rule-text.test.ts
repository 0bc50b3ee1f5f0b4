import { expect, test } from 'vitest'
import { describeRuleUpdate } from '../../../src/lib/cli/rule-text.ts'
import type { UpdateRuleResult } from '../../../src/lib/ingress/update-rule.ts'

const RESULT: UpdateRuleResult = {
  outcome: 'unchanged',
  dryRun: false,
  groupId: 'sg-1',
  ruleId: 'sgr-1',
  cidr: '5.6.7.8/32',
  port: 5432,
  previous: '5.6.7.8/32',
  revoked: [],
  pruned: [],
  left: undefined,
  owner: 'ana',
  database: undefined,
  warnings: [],
}
const RULE = '5.6.7.8/32 on port 5432 by sgr-1'

test.each<[string[], Partial<UpdateRuleResult>]>([
  [[`Unchanged: ${RULE} of sg-1.`], {}],
  [[`Allowed already: ${RULE} (ana's) of sg-1.`], { outcome: 'allowed' }],
  [[`Allowed already: ${RULE} (a rule without an owner) of sg-1.`], { outcome: 'allowed', owner: undefined }],
  [[`Replaced: ${RULE} of sg-1, before 9.9.9.9/32.`], { outcome: 'replaced', previous: '9.9.9.9/32' }],
  [
    [
      'Would create: 5.6.7.8/32 on port 5432 by a rule of sg-1.',
      'Would remove 1 expired rule of yours: sgr-2.',
    ],
    { outcome: 'created', dryRun: true, ruleId: '', previous: undefined, pruned: ['sgr-2'] },
  ],
  [[`Unchanged: ${RULE} of sg-1.`], { left: { expired: 0, untagged: 0 } }],
  [
    [
      `Unchanged: ${RULE} of sg-1.`,
      'Removed 3 expired rules of yours: sgr-2, sgr-3, sgr-4.',
      'Left alone: 1 expired rule of others, 2 rules without an owner.',
    ],
    { pruned: ['sgr-2', 'sgr-3', 'sgr-4'], left: { expired: 1, untagged: 2 } },
  ],
])('%j', (lines, change) => {
  expect(describeRuleUpdate({ ...RESULT, ...change })).toEqual(lines)
})

test('no rule is needed within the VPC', () => {
  const host = 'app.c0ffee.eu-central-1.rds.amazonaws.com'
  const inside = { outcome: 'not-needed', dryRun: false, host, address: '10.0.1.5', warnings: [] } as const
  const [line = '', ...more] = describeRuleUpdate({ ...inside, warnings: [] })
  expect(more).toEqual([])
  expect(line).toMatch(/^Not needed: app\.c0ffee\..+ is 10\.0\.1\.5 here, .* Nothing was changed; --ip /)
})

test('an owner who is called like more lines has one', () => {
  const lines = describeRuleUpdate({
    ...RESULT,
    outcome: 'allowed',
    owner: 'eve\nUnchanged: \u202E\u001B[2J',
  })
  expect(lines).toEqual([String.raw`Allowed already: ${RULE} (eve\nUnchanged: \u202e\x1b[2J's) of sg-1.`])
})
