import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  EC2Client,
  type IpPermission,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readAccess } from '../../../src/lib/ingress/access.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../../support/aws/emulator.ts'
import { makeSecurityGroup } from '../../support/aws/security-group.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { failureOf } from '../../support/load.ts'

// Whom security groups let in, as an emulator of AWS holds it.

const NOW = new Date('2026-11-20T12:00:00Z')

let emulator: AwsEmulator
let ec2: EC2Client
let group: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
  ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  ec2?.destroy()
  await emulator?.stop()
})

beforeEach(async () => {
  await emulator.reset()
  group = await makeSecurityGroup(emulator)
})

/** Adds a rule; returns its id. */
async function addRule(
  permission: IpPermission,
  tags: Record<string, string> = {},
  groupId = group,
): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const { SecurityGroupRules: [rule] = [] } = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, ...permission }],
      ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group-rule', Tags }] }),
    }),
  )
  return rule?.SecurityGroupRuleId ?? ''
}

const read = (groups: readonly string[] = [group], signal?: AbortSignal) =>
  readAccess({ aws: testAwsSession(emulator), groups, port: 5432, now: NOW, signal })

test('addresses, prefix lists and other groups, of all groups, those open to the world first', async () => {
  const other = await makeSecurityGroup(emulator)
  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({ PrefixListName: 'us', MaxEntries: 1, AddressFamily: 'IPv4' }),
  )
  const prefixList = PrefixList?.PrefixListId ?? ''
  await addRule({ IpRanges: [{ CidrIp: '5.6.7.8/32', Description: 'GITPOD' }] })
  await addRule({ PrefixListIds: [{ PrefixListId: prefixList }] })
  await addRule({ UserIdGroupPairs: [{ GroupId: other }] })
  const open = await addRule({ IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, {}, other)
  const open6 = await addRule({ FromPort: 5000, ToPort: 6000, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }, {}, other)
  const { rules, unread } = await read([group, other])
  expect(unread).toEqual([])
  expect(rules.map(({ id, from, world }) => ({ id, from, world })).slice(0, 2)).toEqual([
    { id: open, from: '0.0.0.0/0', world: true },
    { id: open6, from: '::/0', world: true },
  ])
  expect(rules.slice(2).map(({ from, world, groupId }) => ({ from, world, groupId }))).toEqual(
    expect.arrayContaining([
      { from: '5.6.7.8/32', world: false, groupId: group },
      { from: prefixList, world: false, groupId: group },
      { from: other, world: false, groupId: group },
    ]),
  )
  expect(rules).toHaveLength(5)
  expect(rules.find(({ from }) => from === '5.6.7.8/32')).toMatchObject({
    description: 'GITPOD',
    owner: undefined,
    setAt: undefined,
    expires: undefined,
    expired: false,
  })
})

test('only rules about the port count, and all protocols are about every port', async () => {
  await addRule({ FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '5.6.7.8/32' }] })
  await addRule({ IpProtocol: 'udp', IpRanges: [{ CidrIp: '5.6.7.8/32' }] })
  await addRule({ IpProtocol: '-1', FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: '5.6.7.9/32' }] })
  expect((await read()).rules).toMatchObject([{ from: '5.6.7.9/32', protocol: '-1' }])
})

test('whose a rule is and how long its lease lasts is told by its tags', async () => {
  const tags = { 'cruddur:owner': 'ana', 'cruddur:workspace': 'blue-fox-1' }
  await addRule(
    { IpRanges: [{ CidrIp: '5.6.7.8/32' }] },
    { ...tags, 'cruddur:expires': '2026-11-21T12:00:00Z' },
  )
  await addRule(
    { IpRanges: [{ CidrIp: '5.6.7.9/32' }] },
    { ...tags, 'cruddur:expires': '2026-11-19T12:00:00Z' },
  )
  await addRule({ IpRanges: [{ CidrIp: '5.6.7.10/32' }] }, { ...tags, 'cruddur:expires': 'some day' })
  const { rules } = await read()
  expect(Object.fromEntries(rules.map((rule) => [rule.from, rule]))).toMatchObject({
    '5.6.7.8/32': {
      owner: 'ana',
      workspace: 'blue-fox-1',
      setAt: new Date('2026-10-22T12:00:00Z'),
      expires: new Date('2026-11-21T12:00:00Z'),
      expired: false,
    },
    '5.6.7.9/32': { expires: new Date('2026-11-19T12:00:00Z'), expired: true },
    '5.6.7.10/32': { owner: 'ana', expires: undefined, expired: false },
  })
})

test('a group that may not be read is told with the action that is missing; the others are read', async () => {
  const other = await makeSecurityGroup(emulator)
  await addRule({ IpRanges: [{ CidrIp: '5.6.7.8/32' }] })
  await emulator.fault({ action: 'DescribeSecurityGroupRules', error: 'UnauthorizedOperation', status: 403 })
  const { rules, unread } = await read([group, other])
  expect(unread).toMatchObject([
    {
      groupId: expect.stringMatching(/^sg-/),
      code: 'AWS_NOT_ALLOWED',
      hint: expect.stringContaining('ec2:DescribeSecurityGroupRules'),
    },
  ])
  expect(rules.length).toBe(unread[0]?.groupId === group ? 0 : 1)
})

test('without groups nothing is asked; Ctrl-C is not something that could not be read', async () => {
  expect(await read([])).toEqual({ port: 5432, rules: [], unread: [] })
  expect((await emulator.calls()).filter(({ action }) => action === 'DescribeSecurityGroupRules')).toEqual([])
  expect(await failureOf(read([group], AbortSignal.abort()))).toMatchObject({ code: 'INTERRUPTED' })
})
