import type { SecurityGroupRule } from '@aws-sdk/client-ec2'
import { fromTags } from '../aws/tags.ts'

/** An ingress rule of a security group. */
export interface IngressRule {
  id: string
  groupId: string
  /** IP protocol: `tcp`, `-1` for all … */
  protocol: string
  /** -1 for all. */
  fromPort: number
  toPort: number
  /** Whom it lets in: a range of addresses, a prefix list (`pl-…`) or another security group (`sg-…`). */
  from: string
  /** The same, if that is a range of addresses. */
  cidr: string | undefined
  description: string
  tags: Readonly<Record<string, string>>
}

/** The tags of the rules that cruddur makes: what tells them from others, and from those of other people. */
export const TAG = {
  owner: 'cruddur:owner',
  workspace: 'cruddur:workspace',
  /** When the lease ends, ISO 8601. */
  expires: 'cruddur:expires',
} as const

/** A rule as EC2 describes it. */
export function toIngressRule(rule: SecurityGroupRule): IngressRule {
  const cidr = rule.CidrIpv4 ?? rule.CidrIpv6
  return {
    id: rule.SecurityGroupRuleId ?? '',
    groupId: rule.GroupId ?? '',
    protocol: rule.IpProtocol ?? '',
    fromPort: rule.FromPort ?? -1,
    toPort: rule.ToPort ?? -1,
    from: cidr ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? '',
    cidr,
    description: rule.Description ?? '',
    tags: fromTags(rule.Tags),
  }
}

/** Whether a rule is about this port (and perhaps about others). */
export function reaches(rule: IngressRule, port: number): boolean {
  return rule.protocol === '-1' || (rule.protocol === 'tcp' && rule.fromPort <= port && port <= rule.toPort)
}

/** Whether a rule lets exactly this range in on this port. */
export function lets(rule: IngressRule, cidr: string, port: number): boolean {
  return reaches(rule, port) && rule.cidr === cidr
}

/** Whether a rule is just what would be made for this range and port. */
export function isExactly(rule: IngressRule, cidr: string, port: number): boolean {
  return rule.protocol === 'tcp' && rule.fromPort === port && rule.toPort === port && rule.cidr === cidr
}

/** Whether a range of addresses is one of IPv6. */
export function isIpv6(cidr: string): boolean {
  return cidr.includes(':')
}
