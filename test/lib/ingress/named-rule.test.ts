import { AuthorizeSecurityGroupIngressCommand, EC2Client, type IpPermission } from '@aws-sdk/client-ec2'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../../support/load.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { DAY, OWNER, tagsOf, withRules } from '../../support/aws/with-rules.ts'

// A rule that is named (DB_SG_RULE_ID) is modified in place.

const group = withRules()

/** Adds a rule of any kind; returns its id. */
async function add(permission: IpPermission): Promise<string> {
  const ec2 = new EC2Client(testAwsSession(group.emulator).clientOptions)
  const command = new AuthorizeSecurityGroupIngressCommand({
    GroupId: group.id,
    IpPermissions: [{ IpProtocol: 'tcp', ...permission }],
  })
  const { SecurityGroupRules: [rule] = [] } = await ec2.send(command)
  ec2.destroy()
  return rule?.SecurityGroupRuleId ?? ''
}

describe('a rule that is named', () => {
  test('is modified in place, with two calls; with one when nothing has changed', async () => {
    const ruleId = await group.addRule('9.9.9.9/32')
    const asked = await group.actionsOf(async () => {
      expect(await group.update({ ruleId })).toMatchObject({
        outcome: 'modified',
        ruleId,
        previous: '9.9.9.9/32',
      })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules', 'ModifySecurityGroupRules'])
    expect(await group.rules()).toMatchObject([
      { SecurityGroupRuleId: ruleId, CidrIpv4: '5.6.7.8/32', Description: 'GITPOD', FromPort: 5432 },
    ])
    expect(await group.actionsOf(() => group.update({ ruleId, groupId: undefined }))).toEqual([
      'DescribeSecurityGroupRules',
    ])
  })

  test('keeps its description, unless told otherwise', async () => {
    const ruleId = await group.addRule('9.9.9.9/32', {}, 'our office')
    await group.update({ ruleId })
    expect(await group.rules()).toMatchObject([{ Description: 'our office' }])
    await group.update({ ruleId, cidr: '5.6.7.9/32', description: 'Böse <b>' })
    expect(await group.rules()).toMatchObject([{ Description: 'B-se -b-' }])
  })

  test('that would change its address family is replaced', async () => {
    const ruleId = await group.addRule('9.9.9.9/32')
    const result = await group.update({ ruleId, cidr: '2a00:1450::5/128' })
    expect(result).toMatchObject({ outcome: 'replaced', revoked: [ruleId] })
    expect(result.warnings).toHaveLength(1)
    expect(await group.cidrs()).toEqual(['2a00:1450::5/128'])
  })

  test('that would be the same as another one stays, as that one lets us in', async () => {
    const ruleId = await group.addRule('9.9.9.9/32')
    const other = await group.addRule('5.6.7.8/32')
    expect(await group.update({ ruleId })).toMatchObject({ outcome: 'allowed', ruleId: other })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32', '9.9.9.9/32'])
  })

  test('that lets in another group, or in on another port, is somebody else’s in all likelihood', async () => {
    const ofApp = await add({ FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: group.id }] })
    const ofShell = await add({ FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '9.9.9.9/32' }] })
    const before = await group.rules()
    for (const ruleId of [ofApp, ofShell]) {
      const failure = await failureOf(group.update({ ruleId }))
      expect(failure).toMatchObject({ code: 'RULE_OF_OTHERS', kind: 'refused' })
    }
    expect(await group.rules()).toEqual(before)
    await group.update({ ruleId: ofShell, force: true })
    expect(await group.rules()).toContainEqual(
      expect.objectContaining({ SecurityGroupRuleId: ofShell, CidrIpv4: '5.6.7.8/32', FromPort: 5432 }),
    )
  })

  test('that is gone is replaced by one of our own, if the group is known', async () => {
    const ruleId = 'sgr-00000000000000000'
    const result = await group.update({ ruleId })
    expect(result).toMatchObject({ outcome: 'created' })
    expect(result.warnings[0]).toContain(ruleId)
    expect(await failureOf(group.update({ ruleId, groupId: undefined }))).toMatchObject({
      code: 'RULE_NOT_FOUND',
    })
  })

  test('of a teammate is not changed, unless forced', async () => {
    const ruleId = await group.addRule(
      '9.9.9.9/32',
      tagsOf('ana', 'her-laptop', Date.now() + 30 * DAY - 720_000),
    )
    const error = await failureOf(group.update({ ruleId }))
    expect(error).toMatchObject({ code: 'RULE_OF_OTHERS', kind: 'refused' })
    expect(error.message).toMatch(/ was set to 9\.9\.9\.9\/32 by ana \(her-laptop\) 12m \ds ago\.$/)
    expect(error.hint).toContain('--force')
    expect(await group.cidrs()).toEqual(['9.9.9.9/32'])
    expect(await group.update({ ruleId, force: true })).toMatchObject({ outcome: 'modified' })
  })

  test('of ours, from another workspace, is changed', async () => {
    const ruleId = await group.addRule('9.9.9.9/32', tagsOf(OWNER, 'red-bear-2'))
    const asked = await group.actionsOf(() => group.update({ ruleId }))
    expect(asked).toEqual(['DescribeSecurityGroupRules', 'GetCallerIdentity', 'ModifySecurityGroupRules'])
    expect(await group.actionsOf(() => group.update({ ruleId }))).toEqual(['DescribeSecurityGroupRules'])
  })

  test('has no lease, so that no range is put into it', async () => {
    const ruleId = await group.addRule('9.9.9.9/32')
    expect(await failureOf(group.update({ ruleId, cidr: '5.6.7.0/24' }))).toMatchObject({
      code: 'CIDR_IN_NAMED_RULE',
      kind: 'usage',
    })
    expect(await group.cidrs()).toEqual(['9.9.9.9/32'])
  })

  test('that cannot be one is as one that is gone', async () => {
    await group.emulator.fault({
      action: 'DescribeSecurityGroupRules',
      error: 'InvalidSecurityGroupRuleId.Malformed',
    })
    const databaseRegion = 'us-west-2'
    const error = await failureOf(group.update({ ruleId: 'sgr-x', groupId: undefined, databaseRegion }))
    expect(error).toMatchObject({ code: 'RULE_NOT_FOUND' })
    expect(error.message).toContain('eu-central-1 (from the test)')
    expect(error.hint).toContain('--region us-west-2')
  })

  test('must belong to the group that is named', async () => {
    const ruleId = await group.addRule('9.9.9.9/32')
    expect(await failureOf(group.update({ ruleId, groupId: 'sg-00000000' }))).toMatchObject({
      code: 'RULE_IN_OTHER_GROUP',
    })
  })
})
