import {
  AuthorizeSecurityGroupIngressCommand,
  type AuthorizeSecurityGroupIngressCommandInput,
  CreateTagsCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
  type IpPermission,
  type SecurityGroupRuleRequest,
} from '@aws-sdk/client-ec2'
import { ServiceClient } from '../aws/service-client.ts'
import type { AwsSession } from '../aws/session.ts'
import { toTags } from '../aws/tags.ts'
import { toDescription } from './description.ts'
import { isIpv6, toIngressRule, type IngressRule } from './rule.ts'

/** What a rule is to be. */
export interface RuleContents {
  /** e.g. `203.0.113.7/32`. */
  cidr: string
  port: number
  description: string
}

/**
 * The ingress rules of security groups, as far as cruddur needs them. Errors are ours (see `callAws`). Loads the SDK: to be
 * imported when it is needed.
 */
export class SecurityGroups extends ServiceClient<EC2Client> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('ec2', new EC2Client(aws.clientOptions), aws, signal)
  }

  /** One ingress or egress rule by its id; egress ones are told by `isEgress`. */
  async rule(id: string): Promise<IngressRule & { isEgress: boolean }> {
    const { SecurityGroupRules: [rule = {}] = [] } = await this.call(
      'DescribeSecurityGroupRules',
      id,
      '*',
      (client, sending) =>
        client.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }), sending),
    )
    return { ...toIngressRule(rule), isEgress: rule.IsEgress ?? false }
  }

  /** All ingress rules of some groups, with one call. */
  async rules(groupIds: readonly string[]): Promise<IngressRule[]> {
    const rules: IngressRule[] = []
    const input = { Filters: [{ Name: 'group-id', Values: [...groupIds] }] }
    await this.call('DescribeSecurityGroupRules', groupIds.join(', '), '*', async (client, sending) => {
      for (let next: string | undefined; ;) {
        const command = new DescribeSecurityGroupRulesCommand(next ? { ...input, NextToken: next } : input)
        // oxlint-disable-next-line no-await-in-loop -- each page names the next one
        const page = await client.send(command, sending)
        for (const rule of page.SecurityGroupRules ?? []) if (!rule.IsEgress) rules.push(toIngressRule(rule))
        next = page.NextToken
        if (!next) return
      }
    })
    return rules
  }

  /** Adds a rule; returns its id. */
  async authorize(
    groupId: string,
    contents: RuleContents,
    tags: Readonly<Record<string, string>>,
  ): Promise<string> {
    const command = new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [permission(contents)],
      ...tagging(tags),
    })
    const { SecurityGroupRules: [rule] = [] } = await this.call(
      'AuthorizeSecurityGroupIngress',
      groupId,
      groupArn(groupId),
      (client, sending) => client.send(command, sending),
    )
    return rule?.SecurityGroupRuleId ?? ''
  }

  /** Replaces a rule: every field of it. It must stay in its address family. */
  async modify(groupId: string, id: string, contents: RuleContents): Promise<void> {
    const { cidr, port, description } = contents
    const rule: SecurityGroupRuleRequest = {
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      Description: toDescription(description),
      ...(isIpv6(cidr) ? { CidrIpv6: cidr } : { CidrIpv4: cidr }),
    }
    const command = new ModifySecurityGroupRulesCommand({
      GroupId: groupId,
      SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule: rule }],
    })
    await this.call('ModifySecurityGroupRules', id, groupArn(groupId), (client, sending) =>
      client.send(command, sending),
    )
  }

  /** Removes rules by their ids: by what they say, AWS would not even tell when none fits. */
  async revoke(rules: readonly Pick<IngressRule, 'id' | 'groupId'>[]): Promise<void> {
    for (const groupId of new Set(rules.map((rule) => rule.groupId))) {
      const ids = rules.filter((rule) => rule.groupId === groupId).map(({ id }) => id)
      const command = new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: ids })
      await this.call('RevokeSecurityGroupIngress', ids.join(', '), groupArn(groupId), (client, sending) =>
        client.send(command, sending),
      )
    }
  }

  /** Sets tags of a rule. */
  async tag(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const command = new CreateTagsCommand({ Resources: [id], Tags: toTags(tags) })
    await this.call('CreateTags', id, 'arn:aws:ec2:*:*:security-group-rule/*', (client, sending) =>
      client.send(command, sending),
    )
  }
}

function permission({ cidr, port, description }: RuleContents): IpPermission {
  const range = { Description: toDescription(description) }
  return {
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    ...(isIpv6(cidr)
      ? { Ipv6Ranges: [{ ...range, CidrIpv6: cidr }] }
      : { IpRanges: [{ ...range, CidrIp: cidr }] }),
  }
}

/** EC2 refuses a specification without a tag. */
function tagging(
  tags: Readonly<Record<string, string>>,
): Pick<AuthorizeSecurityGroupIngressCommandInput, 'TagSpecifications'> {
  if (Object.keys(tags).length === 0) return {}
  return { TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: toTags(tags) }] }
}

function groupArn(groupId: string): string {
  return `arn:aws:ec2:*:*:security-group/${groupId}`
}
