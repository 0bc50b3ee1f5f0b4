import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { updateIngressRule, type UpdateRuleOptions } from '../../../src/lib/ingress/update-rule.ts'
import { makeSecurityGroup } from '../../support/aws/security-group.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { failureOf } from '../../support/load.ts'

// The rows of the failure matrix, against an emulator of AWS.

/** Who the emulator says we are. */
const OWNER = 'moto'
const DAY = 86_400_000

const emulator = withEmulator()
let ec2: EC2Client
let groupId: string

beforeAll(() => {
  ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
})
afterAll(() => ec2?.destroy())

beforeEach(async () => {
  groupId = await makeSecurityGroup(emulator)
})

const update = (options: Partial<UpdateRuleOptions> = {}) =>
  updateIngressRule({
    aws: testAwsSession(emulator),
    groupId,
    cidr: '5.6.7.8/32',
    port: 5432,
    workspace: 'blue-fox-1',
    ...options,
  })

/** Adds a rule as somebody else would; returns its id. */
async function addRule(cidr: string, tags: Record<string, string> = {}, description = ''): Promise<string> {
  const { SecurityGroupRules: [rule] = [] } = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 5432,
          ToPort: 5432,
          ...(cidr.includes(':')
            ? { Ipv6Ranges: [{ CidrIpv6: cidr, Description: description }] }
            : { IpRanges: [{ CidrIp: cidr, Description: description }] }),
        },
      ],
      ...(Object.keys(tags).length > 0
        ? {
            TagSpecifications: [
              {
                ResourceType: 'security-group-rule',
                Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
              },
            ],
          }
        : {}),
    }),
  )
  return rule?.SecurityGroupRuleId ?? ''
}

const tagsOf = (owner: string, workspace: string, expires = Date.now() + 30 * DAY) => ({
  'cruddur:owner': owner,
  'cruddur:workspace': workspace,
  'cruddur:expires': new Date(expires).toISOString(),
})

async function rules(): Promise<SecurityGroupRule[]> {
  const { SecurityGroupRules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] }),
  )
  return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
}

const cidrs = async () =>
  (await rules()).map(({ CidrIpv4, CidrIpv6 }) => CidrIpv4 ?? CidrIpv6 ?? '').toSorted()

/** What has been asked of AWS since the last call of this. */
let seen = 0
async function actions(): Promise<string[]> {
  const calls = (await emulator.calls()).map(({ action }) => action)
  const since = calls.slice(seen)
  seen = calls.length
  return since
}

/** Runs something and returns what it asked of AWS. */
async function actionsOf(work: () => Promise<unknown>): Promise<string[]> {
  seen = (await emulator.calls()).length
  await work()
  return actions()
}

const WRITES = /^(?:Authorize|Modify|Revoke|Create|Delete)/

describe('a rule of our own', () => {
  test('is made with tags that tell whose it is, and then left alone', async () => {
    expect(await update()).toMatchObject({
      outcome: 'created',
      groupId,
      owner: OWNER,
      revoked: [],
      pruned: [],
    })
    const [rule] = await rules()
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
    const asked = await actionsOf(async () => {
      expect(await update()).toMatchObject({ outcome: 'unchanged', ruleId: rule?.SecurityGroupRuleId })
    })
    expect(asked.toSorted()).toEqual(['DescribeSecurityGroupRules', 'GetCallerIdentity'])
  })

  test('follows the address: the new one is there before the old one goes', async () => {
    await update()
    const asked = await actionsOf(async () => {
      expect(await update({ cidr: '5.6.7.9/32' })).toMatchObject({
        outcome: 'replaced',
        previous: '5.6.7.8/32',
      })
    })
    expect(asked.filter((action) => WRITES.test(action))).toEqual([
      'AuthorizeSecurityGroupIngress',
      'RevokeSecurityGroupIngress',
    ])
    expect(await cidrs()).toEqual(['5.6.7.9/32'])
  })

  test('changes from IPv4 to IPv6 and back', async () => {
    await update()
    await update({ cidr: '2a00:1450::5/128' })
    expect(await cidrs()).toEqual(['2a00:1450::5/128'])
    await update()
    expect(await cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('is one for each workspace, and no rule of others is touched', async () => {
    await addRule('9.9.9.9/32', tagsOf('ana', 'blue-fox-1'))
    await addRule('9.9.9.8/32', {}, 'GITPOD')
    await update()
    await update({ workspace: 'red-bear-2', cidr: '5.6.7.9/32' })
    await update({ cidr: '5.6.7.10/32' })
    expect(await cidrs()).toEqual(['5.6.7.10/32', '5.6.7.9/32', '9.9.9.8/32', '9.9.9.9/32'])
  })

  test('is not needed where a rule of somebody else lets the address in', async () => {
    const id = await addRule('5.6.7.8/32', tagsOf('ana', 'office'))
    const asked = await actionsOf(async () => {
      expect(await update()).toMatchObject({ outcome: 'allowed', ruleId: id, owner: 'ana' })
    })
    expect(asked.filter((action) => WRITES.test(action))).toEqual([])
  })

  test('of a run that was broken off between the two steps is tidied up by the next', async () => {
    await update()
    await emulator.fault({
      action: 'RevokeSecurityGroupIngress',
      error: 'UnauthorizedOperation',
      status: 403,
    })
    expect(await failureOf(update({ cidr: '5.6.7.9/32' }))).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
    expect(await cidrs()).toEqual(['5.6.7.8/32', '5.6.7.9/32'])
    expect(await update({ cidr: '5.6.7.9/32' })).toMatchObject({
      outcome: 'unchanged',
      revoked: [expect.any(String)],
    })
    expect(await cidrs()).toEqual(['5.6.7.9/32'])
  })

  test('that is made by two at once is there once', async () => {
    const results = await Promise.all([update(), update()])
    expect(results.map(({ outcome }) => outcome)).toContain('created')
    expect(new Set(results.map(({ ruleId }) => ruleId)).size).toBe(1)
    expect(await cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('of which the answer was lost is found again', async () => {
    await emulator.fault({ action: 'AuthorizeSecurityGroupIngress', dropAfter: true })
    await update()
    expect(await cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('is renewed only when its lease comes to an end', async () => {
    await update()
    const late = { now: new Date(Date.now() + 25 * DAY) }
    expect(await actionsOf(() => update(late))).toContain('CreateTags')
    expect(await actionsOf(() => update(late))).not.toContain('CreateTags')
  })
})

describe('leases that have ended', () => {
  const long = Date.now() - DAY

  test('are removed with prune if they are ours, and only then', async () => {
    await addRule('1.1.1.1/32', tagsOf(OWNER, 'gone', long))
    await addRule('1.1.1.2/32', tagsOf('ana', 'gone', long))
    await addRule('1.1.1.3/32')
    expect(await update()).toMatchObject({ pruned: [] })
    expect(await update({ prune: true })).toMatchObject({
      outcome: 'unchanged',
      pruned: [expect.any(String)],
    })
    expect(await cidrs()).toEqual(['1.1.1.2/32', '1.1.1.3/32', '5.6.7.8/32'])
  })

  test('are not removed while they are what lets us in', async () => {
    const id = await addRule('5.6.7.8/32', tagsOf(OWNER, 'gone', long))
    expect(await update({ prune: true })).toMatchObject({ outcome: 'allowed', ruleId: id, pruned: [] })
    expect(await cidrs()).toEqual(['5.6.7.8/32'])
  })

  test('make room in a group that is full', async () => {
    await addRule('1.1.1.1/32', tagsOf(OWNER, 'gone', long))
    for (let rule = 0; rule < 59; rule++) await addRule(`2.2.2.${rule}/32`)
    expect(await update()).toMatchObject({ outcome: 'created', pruned: [expect.any(String)] })
    expect(await failureOf(update({ workspace: 'one-more', cidr: '5.6.7.9/32' }))).toMatchObject({
      code: 'SECURITY_GROUP_FULL',
      message: `The security group ${groupId} is full: it has 60 inbound rules.`,
    })
  }, 60_000)
})

describe('a rule that is named', () => {
  test('is modified in place, with two calls; with one when nothing has changed', async () => {
    const ruleId = await addRule('9.9.9.9/32')
    const asked = await actionsOf(async () => {
      expect(await update({ ruleId })).toMatchObject({ outcome: 'modified', ruleId, previous: '9.9.9.9/32' })
    })
    expect(asked).toEqual(['DescribeSecurityGroupRules', 'ModifySecurityGroupRules'])
    expect(await rules()).toMatchObject([
      { SecurityGroupRuleId: ruleId, CidrIpv4: '5.6.7.8/32', Description: 'GITPOD', FromPort: 5432 },
    ])
    expect(await actionsOf(() => update({ ruleId, groupId: undefined }))).toEqual([
      'DescribeSecurityGroupRules',
    ])
  })

  test('keeps its description, unless told otherwise', async () => {
    const ruleId = await addRule('9.9.9.9/32', {}, 'our office')
    await update({ ruleId })
    expect(await rules()).toMatchObject([{ Description: 'our office' }])
    await update({ ruleId, cidr: '5.6.7.9/32', description: 'Böse <b>' })
    expect(await rules()).toMatchObject([{ Description: 'B-se -b-' }])
  })

  test('that would change its address family is replaced', async () => {
    const ruleId = await addRule('9.9.9.9/32')
    const result = await update({ ruleId, cidr: '2a00:1450::5/128' })
    expect(result).toMatchObject({ outcome: 'replaced', revoked: [ruleId] })
    expect(result.warnings).toHaveLength(1)
    expect(await cidrs()).toEqual(['2a00:1450::5/128'])
  })

  test('that would be the same as another one stays, as that one lets us in', async () => {
    const ruleId = await addRule('9.9.9.9/32')
    const other = await addRule('5.6.7.8/32')
    expect(await update({ ruleId })).toMatchObject({ outcome: 'allowed', ruleId: other })
    expect(await cidrs()).toEqual(['5.6.7.8/32', '9.9.9.9/32'])
  })

  test('that is gone is replaced by one of our own, if the group is known', async () => {
    const ruleId = 'sgr-00000000000000000'
    const result = await update({ ruleId })
    expect(result).toMatchObject({ outcome: 'created' })
    expect(result.warnings[0]).toContain(ruleId)
    expect(await failureOf(update({ ruleId, groupId: undefined }))).toMatchObject({ code: 'RULE_NOT_FOUND' })
  })

  test('of a teammate is not changed, unless forced', async () => {
    const ruleId = await addRule('9.9.9.9/32', tagsOf('ana', 'her-laptop'))
    expect(await failureOf(update({ ruleId }))).toMatchObject({ code: 'RULE_OF_OTHERS', kind: 'refused' })
    expect(await update({ ruleId, force: true })).toMatchObject({ outcome: 'modified' })
  })

  test('must belong to the group that is named', async () => {
    const ruleId = await addRule('9.9.9.9/32')
    expect(await failureOf(update({ ruleId, groupId: 'sg-00000000' }))).toMatchObject({
      code: 'RULE_IN_OTHER_GROUP',
    })
  })
})

test('a dry run says what would be done and writes nothing', async () => {
  const ruleId = await addRule('9.9.9.9/32', tagsOf(OWNER, 'blue-fox-1'))
  const asked = await actionsOf(async () => {
    expect(await update({ dryRun: true })).toMatchObject({
      outcome: 'replaced',
      revoked: [ruleId],
      dryRun: true,
    })
    expect(await update({ dryRun: true, ruleId })).toMatchObject({ outcome: 'modified' })
  })
  expect(asked.filter((action) => WRITES.test(action))).toEqual([])
})

describe('what is refused before anything is asked', () => {
  test.each(['0.0.0.0/0', '::/0', '5.6.7.0/24', '5.6.7.8', ''])('%j', async (cidr) => {
    expect(await failureOf(update({ cidr }))).toMatchObject({ code: 'CIDR_TOO_WIDE', kind: 'usage' })
  })

  test('no group', async () => {
    expect(await failureOf(update({ groupId: undefined }))).toMatchObject({ code: 'SECURITY_GROUP_UNKNOWN' })
  })
})

describe('failures', () => {
  test('a group that is not there', async () => {
    const error = await failureOf(update({ groupId: 'sg-00000000' }))
    expect(error).toMatchObject({ code: 'SECURITY_GROUP_NOT_FOUND' })
    expect(error.message).toContain('eu-central-1 (from the test)')
  })

  test.each([
    ['ExpiredToken', 'AWS_LOGIN_EXPIRED', 'failed'],
    ['RequestExpired', 'AWS_CLOCK_SKEW', 'failed'],
    ['AuthFailure', 'AWS_CREDENTIALS_INVALID', 'failed'],
    ['UnauthorizedOperation', 'AWS_NOT_ALLOWED', 'failed'],
    ['SomethingNew', 'AWS_ERROR', 'failed'],
  ])('%s', async (name, code, kind) => {
    await emulator.fault({ action: 'DescribeSecurityGroupRules', error: name, status: 400, times: -1 })
    expect(await failureOf(update())).toMatchObject({ code, kind, details: { region: 'eu-central-1' } })
  })

  test('a missing permission comes with the smallest policy', async () => {
    await emulator.fault({
      action: 'AuthorizeSecurityGroupIngress',
      error: 'UnauthorizedOperation',
      status: 403,
    })
    const error = await failureOf(update())
    expect(error.message).toContain(`ec2:AuthorizeSecurityGroupIngress on ${groupId} in eu-central-1`)
    const policy = JSON.parse(error.context?.slice(error.context.indexOf('{')) ?? '') as object
    expect(policy).toMatchObject({
      Statement: [
        {
          Action: 'ec2:AuthorizeSecurityGroupIngress',
          Resource: `arn:aws:ec2:*:*:security-group/${groupId}`,
        },
      ],
    })
  })

  test('a limit on requests is waited out', async () => {
    await emulator.fault({
      action: 'DescribeSecurityGroupRules',
      error: 'RequestLimitExceeded',
      status: 503,
      times: 2,
    })
    expect(await update()).toMatchObject({ outcome: 'created' })
  })

  test('connections that break are tried again', async () => {
    await emulator.fault({ action: 'DescribeSecurityGroupRules', drop: true, times: 2 })
    expect(await update()).toMatchObject({ outcome: 'created' })
  })

  test('nobody there', async () => {
    const aws = testAwsSession({ url: 'http://127.0.0.1:1' })
    expect(await failureOf(update({ aws }))).toMatchObject({ code: 'AWS_UNREACHABLE', kind: 'unreachable' })
  })

  test('it takes too long', async () => {
    await emulator.fault({ action: 'DescribeSecurityGroupRules', delay: 5 })
    const error = await failureOf(update({ budget: 500 }))
    expect(error).toMatchObject({ code: 'AWS_UNREACHABLE', kind: 'unreachable' })
    expect(error.message).toContain('longer than 0.5 s')
  })

  test('the search for credentials takes too long', async () => {
    const aws = testAwsSession(emulator)
    aws.clientOptions.credentials = () => new Promise(() => undefined)
    expect(await failureOf(update({ aws, budget: 300 }))).toMatchObject({ code: 'AWS_UNREACHABLE' })
  })

  test('Ctrl-C', async () => {
    await emulator.fault({ action: 'DescribeSecurityGroupRules', delay: 5 })
    const abort = new AbortController()
    const failure = failureOf(update({ signal: abort.signal }))
    setTimeout(() => abort.abort(), 300)
    expect(await failure).toMatchObject({ kind: 'interrupted' })
  })
})
