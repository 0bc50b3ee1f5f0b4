import { expect, test } from 'vitest'
import { UsageError } from '../../../src/lib/errors.ts'
import { requireAwsId } from '../../../src/lib/ingress/aws-ids.ts'

const from = (value: string) => ({ value, source: 'DB_SG_ID in the environment' })

test('ids of EC2 are taken as they are, and none is none', () => {
  expect(requireAwsId('group', from('sg-0123456789abcdef0'))).toBe('sg-0123456789abcdef0')
  expect(requireAwsId('group', from('sg-1a2b3c4d'))).toBe('sg-1a2b3c4d')
  expect(requireAwsId('rule', from('sgr-0123456789abcdef0'))).toBe('sgr-0123456789abcdef0')
  expect(requireAwsId('rule', undefined)).toBeUndefined()
})

test.each([
  ['group', 'sgr-0123456789abcdef0', 'SECURITY_GROUP_INVALID', /groups are for --group and DB_SG_ID/],
  ['rule', 'sg-0123456789abcdef0', 'RULE_INVALID', /rules for --rule and DB_SG_RULE_ID/],
  ['group', 'default', 'SECURITY_GROUP_INVALID', /sg-0123456789abcdef0/],
  ['group', 'sg-0123456789abcdef0 ', 'SECURITY_GROUP_INVALID', /look like/],
  ['group', 'sg-012', 'SECURITY_GROUP_INVALID', /look like/],
  ['rule', '', 'RULE_INVALID', /look like/],
] as const)('as a %s, %j is refused', (kind, value, code, hint) => {
  const work = () => requireAwsId(kind, from(value))
  expect(work).toThrow(UsageError)
  expect(work).toThrow(
    expect.objectContaining({
      code,
      hint: expect.stringMatching(hint),
      message: expect.stringContaining('DB_SG_ID'),
    }),
  )
})
