import type { Sourced } from '../aws/session.ts'
import { UsageError } from '../errors.ts'
import { shortened } from '../shortened.ts'

/** The ids of EC2: a prefix and 8 or, since 2018, 17 hexadecimal digits. */
const KINDS = {
  group: {
    shape: /^sg-(?:[\da-f]{8}|[\da-f]{17})$/,
    code: 'SECURITY_GROUP_INVALID',
    name: 'a security group',
  },
  rule: {
    shape: /^sgr-(?:[\da-f]{8}|[\da-f]{17})$/,
    code: 'RULE_INVALID',
    name: 'a rule of a security group',
  },
} as const

/** Whether a text can be the id of a security group. */
export function isGroupId(text: string): boolean {
  return KINDS.group.shape.test(text)
}

/**
 * The id of a security group, or of a rule, that somebody gave.
 * @throws {UsageError} `SECURITY_GROUP_INVALID`, `RULE_INVALID`
 */
export function requireAwsId(kind: keyof typeof KINDS, given: Sourced | undefined): string | undefined {
  if (given === undefined || KINDS[kind].shape.test(given.value)) return given?.value
  const other = kind === 'group' ? 'rule' : 'group'
  const swapped = KINDS[other].shape.test(given.value)
  throw new UsageError(
    `${JSON.stringify(shortened(given.value, 60))} from ${given.source} cannot be the id of ${KINDS[kind].name}.`,
    {
      code: KINDS[kind].code,
      hint: swapped
        ? `It is that of ${KINDS[other].name}: groups are for --group and DB_SG_ID, rules for --rule and DB_SG_RULE_ID.`
        : 'Groups look like sg-0123456789abcdef0, and their rules like sgr-0123456789abcdef0.',
    },
  )
}
