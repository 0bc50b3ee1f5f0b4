import { CreateDBClusterCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds'
import { expect, test } from 'vitest'
import { letMachineIn, type LetMachineInOptions } from '../../../src/lib/rds/let-machine-in.ts'
import { makeInstance } from '../../support/aws/instance.ts'
import { makeSecurityGroup } from '../../support/aws/security-group.ts'
import { testAwsSession } from '../../support/aws/session.ts'
import { OWNER, tagsOf, withRules, WORKSPACE } from '../../support/aws/with-rules.ts'
import { failureOf } from '../../support/load.ts'

// The database that a rule is for: where the group comes from, and what is said of a rule that is not enough.

const ID = 'cruddur-db'
const HOST = `${ID}.c0ffee.eu-central-1.rds.amazonaws.com`

const group = withRules()

/** Lets 5.6.7.8 in to the group of the test, unless told otherwise. */
const update = ({ cidr = '5.6.7.8/32', ...more }: Partial<LetMachineInOptions> & { cidr?: string } = {}) =>
  letMachineIn({
    aws: testAwsSession(group.emulator),
    groupId: group.id,
    port: 5432,
    workspace: WORKSPACE,
    range: { value: cidr, source: 'the test' },
    ...more,
  })

/** Makes the database, with the group of the test unless others are given. */
const makeDatabase = (groups = [group.id], more: Parameters<typeof makeInstance>[2] = {}) =>
  makeInstance(group.emulator, ID, { VpcSecurityGroupIds: groups, PubliclyAccessible: true, ...more })

/** As with PROD_CONNECTION_URL alone. */
const byUrl = { groupId: undefined, port: undefined, database: { id: ID, named: false } }
/** As with an argument. */
const byName = { ...byUrl, database: { id: ID, named: true } }

/** Sends a command to RDS, as somebody else would. */
async function asSomebodyElse(command: StopDBInstanceCommand | CreateDBClusterCommand): Promise<void> {
  const rds = new RDSClient(testAwsSession(group.emulator).clientOptions)
  try {
    await (command instanceof StopDBInstanceCommand ? rds.send(command) : rds.send(command))
  } finally {
    rds.destroy()
  }
}

test.each([
  ['of the URL', byUrl],
  ['that is named', byName],
])(
  'the group is that of the database %s, the port its own; two calls when nothing has changed',
  async (_, by) => {
    await makeDatabase([group.id], { Port: 6543 })
    expect(await update(by)).toMatchObject({
      outcome: 'created',
      groupId: group.id,
      port: 6543,
      database: { id: ID, status: 'available', endpoint: { port: 6543 } },
      warnings: [],
    })
    expect(await group.rules()).toMatchObject([{ CidrIpv4: '5.6.7.8/32', FromPort: 6543, ToPort: 6543 }])
    const asked = await group.actionsOf(async () => {
      expect(await update(by)).toMatchObject({ outcome: 'unchanged' })
    })
    expect(asked).toEqual(['DescribeDBInstances', 'DescribeSecurityGroupRules'])
  },
)

test('an Aurora cluster is asked for as such where its host tells: two calls as well', async () => {
  await asSomebodyElse(
    new CreateDBClusterCommand({
      DBClusterIdentifier: ID,
      Engine: 'aurora-postgresql',
      MasterUsername: 'cruddurroot',
      MasterUserPassword: 'not-a-secret-1',
      VpcSecurityGroupIds: [group.id],
    }),
  )
  const by = { ...byUrl, database: { id: ID, kind: 'cluster' as const, named: false } }
  expect(await update(by)).toMatchObject({ outcome: 'created', groupId: group.id, warnings: [] })
  expect(await group.actionsOf(() => update(by))).toEqual([
    'DescribeDBClusters',
    'DescribeSecurityGroupRules',
  ])
  const asked = await group.actionsOf(() => update(byName))
  expect(asked).toEqual(['DescribeDBInstances', 'DescribeDBClusters', 'DescribeSecurityGroupRules'])
})

test('there is none of that name', async () => {
  await makeDatabase()
  const error = await failureOf(update({ ...byUrl, database: { id: 'cruddur-bd', named: false } }))
  expect(error).toMatchObject({ code: 'INSTANCE_NOT_FOUND', hint: 'Did you mean "cruddur-db"?' })
  const endpoint = { host: `${ID}.c0ffee.us-west-2.rds.amazonaws.com`, port: 5432 }
  const elsewhere = { ...byUrl, endpoint, database: { id: 'nobody', named: false } }
  expect(await failureOf(update(elsewhere))).toMatchObject({
    code: 'INSTANCE_NOT_FOUND',
    hint: 'The database of PROD_CONNECTION_URL is in another region: --region us-west-2',
  })
})

test('a database without a group', async () => {
  await makeDatabase()
  const empty = { rewrite: [['<VpcSecurityGroups>[\\s\\S]*?</VpcSecurityGroups>', '']] as const }
  await group.emulator.fault({ action: 'DescribeDBInstances', ...empty })
  const error = await failureOf(update(byUrl))
  expect(error).toMatchObject({ code: 'SECURITY_GROUP_UNKNOWN', message: `${ID} has no security group.` })
})

test('of several groups it is the one that holds a rule of ours; else they are named, and nothing is written', async () => {
  const other = await makeSecurityGroup(group.emulator)
  await makeDatabase([group.id, other])
  const error = await failureOf(update(byUrl))
  expect(error).toMatchObject({
    code: 'SECURITY_GROUP_UNKNOWN',
    message: `${ID} has several security groups: ${group.id}, ${other}.`,
    details: { groups: [group.id, other] },
  })
  expect(await group.rules()).toEqual([])
  expect(await group.rules(other)).toEqual([])

  // First anybody's who uses cruddur, then ours of another workspace, then that of this one.
  await group.addRule('9.9.9.1/32', tagsOf('ana', 'her-laptop'))
  expect(await update({ ...byUrl, dryRun: true })).toMatchObject({ groupId: group.id })
  await group.addRule('9.9.9.2/32', tagsOf(OWNER, 'red-bear-2'), '', other)
  expect(await update({ ...byUrl, dryRun: true })).toMatchObject({ groupId: other })
  await group.addRule('9.9.9.3/32', tagsOf(OWNER, WORKSPACE))
  expect(await update(byUrl)).toMatchObject({ outcome: 'replaced', groupId: group.id })
  expect(await group.cidrs()).toEqual(['5.6.7.8/32', '9.9.9.1/32'])
  expect(await group.cidrs(other)).toEqual(['9.9.9.2/32'])
})

test('a rule in any of several groups lets the address in; what is old in the others goes', async () => {
  const other = await makeSecurityGroup(group.emulator)
  await makeDatabase([group.id, other])
  await group.addRule('5.6.7.8/32', tagsOf(OWNER, WORKSPACE), '', other)
  await group.addRule('9.9.9.9/32', tagsOf(OWNER, WORKSPACE))
  expect(await update(byUrl)).toMatchObject({
    outcome: 'unchanged',
    groupId: other,
    revoked: [expect.any(String)],
  })
  expect(await group.cidrs()).toEqual([])
  expect(await group.cidrs(other)).toEqual(['5.6.7.8/32'])
})

test('a rule that is named and gone is replaced in the group of the database', async () => {
  await makeDatabase()
  const result = await update({ ...byUrl, ruleId: 'sgr-00000000000000000' })
  expect(result).toMatchObject({ outcome: 'created', groupId: group.id })
  expect(result.warnings[0]).toContain('sgr-00000000000000000 no longer exists')
})

test('a group that the database does not use is refused before anything is written, if the database was named', async () => {
  const other = await makeSecurityGroup(group.emulator)
  await makeDatabase([other])
  const ruleId = await group.addRule('9.9.9.9/32')
  for (const named of [{ groupId: group.id }, { groupId: undefined, ruleId }]) {
    const error = await failureOf(update({ ...byName, ...named }))
    expect(error).toMatchObject({
      code: 'GROUP_NOT_OF_DATABASE',
      kind: 'refused',
      message: `${group.id} is not attached to ${ID}, which has ${other}.`,
    })
  }
  expect(await group.cidrs()).toEqual(['9.9.9.9/32'])
  const forced = await update({ ...byName, groupId: group.id, force: true })
  expect(forced).toMatchObject({ outcome: 'created', warnings: [expect.stringContaining('is not attached')] })
})

test('with the URL alone that is a warning after the rule was written, and no call where nothing has changed', async () => {
  const other = await makeSecurityGroup(group.emulator)
  await makeDatabase([other])
  const by = { ...byUrl, groupId: group.id }
  expect(await update(by)).toMatchObject({
    outcome: 'created',
    warnings: [`${group.id} is not attached to ${ID}, which has ${other}.`],
  })
  expect(await group.actionsOf(() => update(by))).toEqual(['DescribeSecurityGroupRules'])
})

test('who may not look at databases may have the rule written all the same', async () => {
  await group.emulator.fault({ action: 'DescribeDBInstances', error: 'AccessDenied', status: 403, times: -1 })
  expect(await update({ ...byUrl, groupId: group.id })).toMatchObject({
    outcome: 'created',
    database: undefined,
    warnings: [],
  })
  expect(await failureOf(update(byUrl))).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
})

test('a database that is stopped: the rule is updated, and what starts it is said', async () => {
  await makeDatabase()
  await asSomebodyElse(new StopDBInstanceCommand({ DBInstanceIdentifier: ID }))
  expect(await update(byUrl)).toMatchObject({
    outcome: 'created',
    database: { status: 'stopped' },
    warnings: [
      `${ID} is stopped: nobody gets in until it runs. cruddur rds start ${ID} --region eu-central-1`,
    ],
  })
  expect(await group.cidrs()).toEqual(['5.6.7.8/32'])
})

test('a database that is not publicly accessible: a public address does not help', async () => {
  await makeDatabase([group.id], { PubliclyAccessible: false })
  expect((await update(byUrl)).warnings).toEqual([
    `${ID} is not publicly accessible: a rule for a public address does not help there.`,
  ])
})

test('an address of IPv6, and a database that has only IPv4: nothing is written, unless it has both', async () => {
  await makeDatabase()
  const error = await failureOf(update({ ...byUrl, cidr: '2a00:1450::5/128' }))
  expect(error).toMatchObject({ code: 'DATABASE_IPV4_ONLY', kind: 'unreachable' })
  expect(error.message).toContain(`You have only IPv6 (2a00:1450::5/128), and ${ID} only IPv4.`)
  expect(error.hint).toContain('--network-type DUAL')
  expect(await group.rules()).toEqual([])
  // Where the group is named it is only known afterwards.
  expect((await update({ ...byUrl, groupId: group.id, cidr: '2a00:1450::5/128' })).warnings).toEqual([
    `${ID} has only IPv4: 2a00:1450::5/128 does not get there.`,
  ])
  await group.emulator.fault({
    action: 'DescribeDBInstances',
    rewrite: [['</DBInstanceStatus>', '</DBInstanceStatus><NetworkType>DUAL</NetworkType>']],
  })
  expect(await update({ ...byUrl, cidr: '2a00:1450::6/128' })).toMatchObject({
    outcome: 'replaced',
    warnings: [],
  })
  expect(await group.cidrs()).toEqual(['2a00:1450::6/128'])
})

test('another port than that of the database is refused, unless forced', async () => {
  const endpoint = { host: HOST, port: 5432 }
  const asked = await group.actionsOf(async () => {
    expect(await failureOf(update({ endpoint, port: 6000 }))).toMatchObject({
      code: 'NOT_THE_DATABASE_PORT',
      kind: 'usage',
    })
  })
  expect(asked).toEqual([])
  await update({ endpoint, port: 6000, force: true })
  expect(await group.rules()).toMatchObject([{ FromPort: 6000 }])
  // What is not RDS may be the near end of a tunnel.
  const tunnel = { endpoint: { host: 'localhost', port: 7000 }, port: undefined }
  expect(await update({ ...tunnel, workspace: 'two' })).toMatchObject({ port: 5432 })
})
