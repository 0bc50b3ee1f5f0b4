import { describe, expect, test } from 'vitest'
import { failureOf } from '../../support/load.ts'
import { DAY, OWNER, tagsOf, withRules, WORKSPACE, WRITES } from '../../support/aws/with-rules.ts'

// One rule for each owner and workspace, told by its tags.

const group = withRules()

describe('a rule of our own', () => {
  test('is made with tags that tell whose it is, and then left alone', async () => {
    expect(await group.update()).toMatchObject({
      outcome: 'created',
      groupId: group.id,
      owner: OWNER,
      revoked: [],
      pruned: [],
    })
    const [rule] = await group.rules()
    expect(rule).toMatchObject({
      CidrIpv4: '5.6.7.8/32',
      IpProtocol: 'tcp',
      FromPort: 5432,
      ToPort: 5432,
      Description: `${OWNER}@blue-fox-1`,
    })
    expect(rule?.Tags?.map(({ Key }) => Key).toSorted()).toEqual([
      'cruddur:expires',
      'cruddur:owner',
      'cruddur:workspace',
    ])
    const asked = await group.actionsOf(async () => {
      expect(await group.update()).toMatchObject({ outcome: 'unchanged', ruleId: rule?.SecurityGroupRuleId })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules'])
  })

  test('follows the address: the new one is there before the old one goes', async () => {
    await group.update()
    const asked = await group.actionsOf(async () => {
      expect(await group.update({ cidr: '5.6.7.9/32' })).toMatchObject({
        outcome: 'replaced',
        previous: '5.6.7.8/32',
      })
    })
    expect(asked.filter((action) => WRITES.test(action))).toEqual([
      'AuthorizeSecurityGroupIngress',
      'RevokeSecurityGroupIngress',
    ])
    expect(await group.cidrs()).toEqual(['5.6.7.9/32'])
  })

  test('changes from IPv4 to IPv6 and back', async () => {
    await group.update()
    await group.update({ cidr: '2a00:1450::5/128' })
    expect(await group.cidrs()).toEqual(['2a00:1450::5/128'])
    await group.update()
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('is one for each workspace, and no rule of others is touched', async () => {
    await group.addRule('9.9.9.9/32', tagsOf('ana', 'blue-fox-1'))
    await group.addRule('9.9.9.8/32', {}, 'GITPOD')
    await group.update()
    await group.update({ workspace: 'red-bear-2', cidr: '5.6.7.9/32' })
    await group.update({ cidr: '5.6.7.10/32' })
    expect(await group.cidrs()).toEqual(['5.6.7.10/32', '5.6.7.9/32', '9.9.9.8/32', '9.9.9.9/32'])
  })

  test('is one for each port, behind which other databases are', async () => {
    await group.update()
    await group.update({ port: 5433 })
    await group.update({ port: 5433, cidr: '5.6.7.9/32' })
    const rules = await group.rules()
    expect(rules.map(({ CidrIpv4, FromPort }) => `${CidrIpv4} ${FromPort}`)).toEqual([
      '5.6.7.8/32 5432',
      '5.6.7.9/32 5433',
    ])
  })

  test('is not needed where a rule of somebody else lets the address in', async () => {
    const id = await group.addRule('5.6.7.8/32', tagsOf('ana', 'office'))
    const asked = await group.actionsOf(async () => {
      expect(await group.update()).toMatchObject({ outcome: 'allowed', ruleId: id, owner: 'ana' })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules'])
  })

  test('of a run that was broken off between the two steps is tidied up by the next', async () => {
    await group.update()
    await group.emulator.fault({
      action: 'RevokeSecurityGroupIngress',
      error: 'UnauthorizedOperation',
      status: 403,
    })
    expect(await failureOf(group.update({ cidr: '5.6.7.9/32' }))).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32', '5.6.7.9/32'])
    expect(await group.update({ cidr: '5.6.7.9/32' })).toMatchObject({
      outcome: 'unchanged',
      revoked: [expect.any(String)],
    })
    expect(await group.cidrs()).toEqual(['5.6.7.9/32'])
  })

  test('that is made by two at once is there once', async () => {
    const results = await Promise.all([group.update(), group.update()])
    expect(results.map(({ outcome }) => outcome)).toContain('created')
    expect(new Set(results.map(({ ruleId }) => ruleId)).size).toBe(1)
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('of which the answer was lost is found again', async () => {
    await group.emulator.fault({ action: 'AuthorizeSecurityGroupIngress', dropAfter: true })
    await group.update()
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('is renewed only when its lease comes to an end', async () => {
    await group.update()
    const late = { now: new Date(Date.now() + 25 * DAY) }
    expect(await group.actionsOf(() => group.update(late))).toEqual([
      'DescribeSecurityGroupRules',
      'GetCallerIdentity',
      'CreateTags',
    ])
    expect(await group.actionsOf(() => group.update(late))).toEqual(['DescribeSecurityGroupRules'])
  })

  test('whose lease may not be renewed lets in all the same, with a warning', async () => {
    await group.update()
    await group.emulator.fault({ action: 'CreateTags', error: 'UnauthorizedOperation', status: 403 })
    const late = { now: new Date(Date.now() + 25 * DAY) }
    expect(await group.update(late)).toMatchObject({
      outcome: 'unchanged',
      warnings: [expect.stringContaining('ec2:CreateTags')],
    })
  })

  test('that AWS says is there, and does not show yet, is tried again', async () => {
    const duplicate = { action: 'AuthorizeSecurityGroupIngress', error: 'InvalidPermission.Duplicate' }
    await group.emulator.fault({ ...duplicate, times: 2 })
    expect(await group.update()).toMatchObject({ outcome: 'created' })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
    await group.emulator.fault({ ...duplicate, times: -1 })
    expect(await failureOf(group.update({ cidr: '5.6.7.9/32' }))).toMatchObject({ code: 'AWS_ERROR' })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('is not made where a teammate behind the same NAT made theirs meanwhile; the old one goes', async () => {
    await group.update()
    // What is read first is what was there before the teammate came.
    const theirs = await group.addRule('5.6.7.9/32', tagsOf('ana', 'office'))
    await group.emulator.fault({
      action: 'DescribeSecurityGroupRules',
      rewrite: [['5\\.6\\.7\\.9/32', '9.9.9.9/32']],
    })
    const asked = await group.actionsOf(async () => {
      expect(await group.update({ cidr: '5.6.7.9/32' })).toMatchObject({
        outcome: 'allowed',
        ruleId: theirs,
        owner: 'ana',
        revoked: [expect.any(String)],
      })
    })
    expect(asked).toContain('AuthorizeSecurityGroupIngress')
    expect(await group.cidrs()).toEqual(['5.6.7.9/32'])
  })
})

describe('two people whose machines have the same name', () => {
  const theirs = tagsOf('ana', WORKSPACE)

  test('have a rule each, and neither removes that of the other', async () => {
    await group.addRule('9.9.9.9/32', theirs)
    expect(await group.update()).toMatchObject({ outcome: 'created', owner: OWNER, revoked: [] })
    expect(await group.update({ cidr: '5.6.7.9/32' })).toMatchObject({ outcome: 'replaced' })
    expect(await group.cidrs()).toEqual(['5.6.7.9/32', '9.9.9.9/32'])
    expect(await group.updateAs('ana', { cidr: '9.9.9.8/32' })).toMatchObject({ outcome: 'replaced' })
    expect(await group.cidrs()).toEqual(['5.6.7.9/32', '9.9.9.8/32'])
  })

  test('need not say who they are where nothing has changed', async () => {
    await group.addRule('9.9.9.9/32', theirs)
    await group.update()
    const asked = await group.actionsOf(async () => {
      expect(await group.update()).toMatchObject({ outcome: 'unchanged', owner: OWNER, revoked: [] })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules'])
  })

  test('and the same address: the lease is renewed by whose it is', async () => {
    await group.addRule('5.6.7.8/32', tagsOf('ana', WORKSPACE, Date.now() + DAY))
    const asked = await group.actionsOf(async () => {
      expect(await group.update()).toMatchObject({ outcome: 'allowed', owner: 'ana' })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules', 'GetCallerIdentity'])
    expect(await group.actionsOf(() => group.updateAs('ana'))).toContain('CreateTags')
  })

  test('and what a broken run of one left is tidied up by that one only', async () => {
    await group.addRule('9.9.9.8/32', theirs)
    await group.addRule('9.9.9.9/32', theirs)
    expect(await group.update({ cidr: '9.9.9.9/32' })).toMatchObject({ outcome: 'allowed', revoked: [] })
    expect(await group.cidrs()).toEqual(['9.9.9.8/32', '9.9.9.9/32'])
    expect(await group.updateAs('ana', { cidr: '9.9.9.9/32' })).toMatchObject({
      outcome: 'unchanged',
      revoked: [expect.any(String)],
    })
    expect(await group.cidrs()).toEqual(['9.9.9.9/32'])
  })
})

describe('leases that have ended', () => {
  const long = Date.now() - DAY

  test('are removed with prune if they are ours, and only then', async () => {
    await group.addRule('1.1.1.1/32', tagsOf(OWNER, 'gone', long))
    await group.addRule('1.1.1.2/32', tagsOf('ana', 'gone', long))
    await group.addRule('1.1.1.3/32')
    expect(await group.update()).toMatchObject({ pruned: [] })
    expect(await group.update({ prune: true })).toMatchObject({
      outcome: 'unchanged',
      pruned: [expect.any(String)],
    })
    expect(await group.cidrs()).toEqual(['1.1.1.2/32', '1.1.1.3/32', '5.6.7.8/32'])
  })

  test('of others, and rules without an owner, are counted and left alone; to count takes one call', async () => {
    await group.addRule('1.1.1.2/32', tagsOf('ana', 'gone', long))
    await group.addRule('1.1.1.3/32')
    await group.addRule('1.1.1.4/32')
    await group.update()
    const asked = await group.actionsOf(async () => {
      expect(await group.update({ prune: true })).toMatchObject({
        pruned: [],
        left: { expired: 1, untagged: 2 },
      })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules'])
    expect((await group.cidrs()).length).toBe(4)
  })

  test('are not removed while they are what lets us in', async () => {
    const id = await group.addRule('5.6.7.8/32', tagsOf(OWNER, 'gone', long))
    expect(await group.update({ prune: true })).toMatchObject({ outcome: 'allowed', ruleId: id, pruned: [] })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('make room in a group that is full', async () => {
    await group.addRule('1.1.1.1/32', tagsOf(OWNER, 'gone', long))
    for (let rule = 0; rule < 59; rule++) await group.addRule(`2.2.2.${rule}/32`)
    expect(await group.update()).toMatchObject({ outcome: 'created', pruned: [expect.any(String)] })
    expect(await failureOf(group.update({ workspace: 'one-more', cidr: '5.6.7.9/32' }))).toMatchObject({
      code: 'SECURITY_GROUP_FULL',
      message: `The security group ${group.id} is full: it has 60 inbound rules.`,
    })
  }, 60_000)

  test('make room where they are ours; else our own that lets nobody in any more does', async () => {
    await group.update()
    for (let rule = 0; rule < 59; rule++) await group.addRule(`2.2.2.${rule}/32`)
    expect(await group.update({ cidr: '5.6.7.9/32' })).toMatchObject({ outcome: 'replaced', pruned: [] })
    const cidrs = await group.cidrs()
    expect(cidrs).toHaveLength(60)
    expect(cidrs).toContain('5.6.7.9/32')
    expect(cidrs).not.toContain('5.6.7.8/32')
  }, 60_000)
})

describe('a range', () => {
  test('is let in for a day, and is removed by the next run with one address', async () => {
    expect(await group.update({ cidr: '5.6.7.8/24' })).toMatchObject({
      outcome: 'created',
      cidr: '5.6.7.0/24',
    })
    const [rule] = await group.rules()
    const expires = rule?.Tags?.find(({ Key }) => Key === 'cruddur:expires')?.Value ?? ''
    expect(Date.parse(expires) - Date.now()).toBeGreaterThan(DAY - 60_000)
    expect(Date.parse(expires) - Date.now()).toBeLessThanOrEqual(DAY)
    expect(await group.actionsOf(() => group.update({ cidr: '5.6.7.200/24' }))).toEqual([
      'DescribeSecurityGroupRules',
    ])
    expect(await group.update()).toMatchObject({ outcome: 'replaced', previous: '5.6.7.0/24' })
    expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('of IPv6 covers the addresses that a machine gives itself', async () => {
    await group.update({ cidr: '2a00:1450:1:2:aaaa:bbbb:cccc:dddd/64' })
    expect(await group.cidrs()).toEqual(['2a00:1450:1:2::/64'])
    expect(await group.update({ cidr: '2a00:1450:1:2:1::7/64' })).toMatchObject({ outcome: 'unchanged' })
  })
})
