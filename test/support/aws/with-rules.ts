import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import {
  updateIngressRule,
  type UpdateRuleOptions,
  type UpdateRuleResult,
} from '../../../src/lib/ingress/update-rule.ts'
import type { AwsEmulator } from './emulator.ts'
import { makeSecurityGroup } from './security-group.ts'
import { testAwsSession } from './session.ts'
import { withEmulator } from './with-emulator.ts'

/** Who the emulator says we are. */
export const OWNER = 'moto'
export const WORKSPACE = 'blue-fox-1'
/** Milliseconds. */
export const DAY = 86_400_000

/** The tags of a rule that cruddur has made for somebody. */
export const tagsOf = (owner: string, workspace: string, expires = Date.now() + 30 * DAY) => ({
  'cruddur:owner': owner,
  'cruddur:workspace': workspace,
  'cruddur:expires': new Date(expires).toISOString(),
})

/** The calls that change something. */
export const WRITES = /^(?:Authorize|Modify|Revoke|Create|Delete)/

/** A security group in an emulator, what is in it, and what was asked. */
export interface RuledGroup {
  emulator: AwsEmulator
  /** The group of this test, empty at first. */
  id: string
  /** Updates the rule of 5.6.7.8 in that group, unless told otherwise. */
  update(options?: Partial<UpdateRuleOptions>): Promise<UpdateRuleResult>
  /** The same as somebody else, for one question of who asks. */
  updateAs(owner: string, options?: Partial<UpdateRuleOptions>): Promise<UpdateRuleResult>
  /** Adds a rule as somebody else would; returns its id. */
  addRule(cidr: string, tags?: Record<string, string>, description?: string, group?: string): Promise<string>
  /** The inbound rules of a group. */
  rules(group?: string): Promise<SecurityGroupRule[]>
  /** Whom they let in. */
  cidrs(group?: string): Promise<string[]>
  /** Runs something and returns what it asked of AWS, in order. */
  actionsOf(work: () => Promise<unknown>): Promise<string[]>
}

/** Gives the tests of a file an emulator, and each of them a security group. */
export function withRules(): RuledGroup {
  const emulator = withEmulator()
  let ec2: EC2Client
  beforeAll(() => {
    ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
  })
  afterAll(() => ec2?.destroy())
  beforeEach(async () => {
    all.id = await makeSecurityGroup(emulator)
  })
  const all: RuledGroup = {
    emulator,
    id: '',
    update: (options = {}) =>
      updateIngressRule({
        aws: testAwsSession(emulator),
        groupId: all.id,
        cidr: '5.6.7.8/32',
        port: 5432,
        workspace: WORKSPACE,
        pace: () => 1,
        ...options,
      }),
    updateAs: async (owner, options) => {
      await emulator.fault({ action: 'GetCallerIdentity', rewrite: [['user/moto', `user/${owner}`]] })
      return all.update(options)
    },
    addRule: async (cidr, tags = {}, description = '', group = all.id) => {
      const range = { Description: description }
      const request = {
        GroupId: group,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 5432,
            ToPort: 5432,
            ...(cidr.includes(':')
              ? { Ipv6Ranges: [{ ...range, CidrIpv6: cidr }] }
              : { IpRanges: [{ ...range, CidrIp: cidr }] }),
          },
        ],
      }
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      const { SecurityGroupRules: [rule] = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          ...request,
          ...(Tags.length > 0
            ? { TagSpecifications: [{ ResourceType: 'security-group-rule' as const, Tags }] }
            : {}),
        }),
      )
      return rule?.SecurityGroupRuleId ?? ''
    },
    rules: async (group = all.id) => {
      const { SecurityGroupRules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] }),
      )
      return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
    },
    cidrs: async (group) =>
      (await all.rules(group)).map(({ CidrIpv4, CidrIpv6 }) => CidrIpv4 ?? CidrIpv6 ?? '').toSorted(),
    actionsOf: async (work) => {
      const before = (await emulator.calls()).length
      await work()
      return (await emulator.calls()).slice(before).map(({ action }) => action)
    },
  }
  return all
}
