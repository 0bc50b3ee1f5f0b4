import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeCluster } from '../support/aws/cluster.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { testAwsSession } from '../support/aws/session.ts'
import { cruddur } from '../support/cli.ts'

// `cruddur rds status` as it is typed.

const PROD = 'postgres://me@cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com/cruddur'

let emulator: AwsEmulator
let group: string

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  group = await makeSecurityGroup(emulator)
  await makeInstance(emulator, 'cruddur-db', {
    EngineVersion: '17.4',
    StorageType: 'gp3',
    StorageEncrypted: true,
    PubliclyAccessible: true,
    DBName: 'cruddur',
    VpcSecurityGroupIds: [group],
    BackupRetentionPeriod: 1,
  })
})

const status = (words: readonly string[] = [], env: Record<string, string> = {}) =>
  cruddur(['rds', 'status', ...words], { env: { ...emulator.environment, ...env } })

/** Adds a rule; returns its id. */
async function addRule(cidr: string, tags: Record<string, string> = {}): Promise<string> {
  const ec2 = new EC2Client(testAwsSession(emulator).clientOptions)
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  const { SecurityGroupRules: [rule] = [] } = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: group,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 5432,
          ToPort: 5432,
          IpRanges: [{ CidrIp: cidr, Description: 'GITPOD' }],
        },
      ],
      ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group-rule', Tags }] }),
    }),
  )
  ec2.destroy()
  return rule?.SecurityGroupRuleId ?? ''
}

test('one screen about the database of production', async () => {
  const { code, stdout, stderr } = await status([], { PROD_CONNECTION_URL: PROD })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(
    stdout
      .replace(/\([\d,]+ days\)/, '(… days)')
      .replace(group, 'sg-…')
      .replaceAll(/ +$/gm, ''),
  ).toMatchInlineSnapshot(`
    "status    available
    cost      $17.63 a month as it is, $2.30 a month while it is stopped
              running: db.t4g.micro $11.68, 20 GB of gp3 $2.30, public IPv4 address $3.65
              prices of us-east-1, 2026-06-30; on top: backups beyond the size of the storage: $0.095 per GB and month
    endpoint  cruddur-db.aaaaaaaaaa.eu-central-1.rds.amazonaws.com:5432, database cruddur, master user cruddurroot
    engine    PostgreSQL 17.4, standard support until 2030-02-28 (… days)
    class     db.t4g.micro, single-AZ
    storage   20 GB of gp3, encrypted
    login     a password
    network   publicly accessible, security groups sg-…
    backups   kept for 1 day
    deletion  not protected

    Nobody may connect to port 5432: cruddur rds update-sg-rule lets you in.
    "
  `)
})

test('who may connect stands below, those open to the world first and warned of', async () => {
  const soon = new Date(Date.now() + 5 * 86_400_000 + 60_000).toISOString()
  const own = await addRule('5.6.7.8/32', {
    'cruddur:owner': 'ana',
    'cruddur:workspace': 'blue-fox-1',
    'cruddur:expires': soon,
  })
  await addRule('5.6.7.9/32', { 'cruddur:owner': 'ben', 'cruddur:expires': '2020-01-01T00:00:00Z' })
  const open = await addRule('0.0.0.0/0')
  const { stdout, stderr } = await status(['CRUDDUR-DB'])
  const lines = stdout.split('\n')
  const table = lines.slice(lines.indexOf('Who may connect to port 5432:') + 1)
  expect(table[0]).toMatch(/^FROM +PORTS +OWNER +WORKSPACE +SET +LEASE +RULE +GROUP +DESCRIPTION$/)
  expect(table[1]).toMatch(
    new RegExp(String.raw`^0\.0\.0\.0/0 \(the whole world\) +5432 +${open} +${group} +GITPOD$`),
  )
  expect(table.slice(2).join('\n')).toMatch(
    new RegExp(String.raw`^5\.6\.7\.8/32 +5432 +ana +blue-fox-1 +2[45]d \d+h ago +5d 0h left +${own} `, 'm'),
  )
  expect(table.slice(2).join('\n')).toMatch(
    /^5\.6\.7\.9\/32 +5432 +ben +\d+d \d+h ago +ended \d+d \d+h ago /m,
  )
  expect(stderr).toBe(`Warning: Port 5432 is open to the world by ${open}: only the login protects it.\n`)
})

test('one that is stopped tells when AWS starts it, and without prices says so', async () => {
  const restart = new Date(Date.now() + 6 * 86_400_000 + 60_000).toISOString()
  await emulator.fault({
    action: 'DescribeDBInstances',
    times: -1,
    rewrite: [
      [
        '<DBInstanceStatus>available</DBInstanceStatus>',
        `<DBInstanceStatus>stopped</DBInstanceStatus><AutomaticRestartTime>${restart}</AutomaticRestartTime>`,
      ],
      ['db.t4g.micro', 'db.x9.huge'],
    ],
  })
  const { stdout } = await status(['cruddur-db'])
  expect(stdout).toMatch(/^status +stopped$/m)
  expect(stdout).toMatch(/^cost +\$2\.30 a month for its storage, unknown while it runs$/m)
  expect(stdout).toContain(`AWS starts it by itself on ${restart}, in 6d 0h\n`)
})

test('a cluster tells between which capacities it moves, and when it pauses', async () => {
  await makeCluster(emulator, 'cruddur-cluster')
  const { stdout } = await status(['cruddur-cluster'])
  expect(stdout).toMatch(
    /^cost +\$3\.65 to \$178\.85 a month as it is, \$0\.00 a month while it is stopped$/m,
  )
  expect(stdout).toMatch(/^engine +Aurora PostgreSQL 17/m)
  expect(stdout).toMatch(
    /^class +db\.serverless, 0 to 2 capacity units \(pauses at 0, but not while a connection is open\); single-AZ, 1 instance: cruddur-cluster-1$/m,
  )
  expect(stdout).toMatch(/^storage +grows with the data, encrypted$/m)
})

test('with --json it is one object with dates and what could not be read', async () => {
  await emulator.fault({
    action: 'DescribeSecurityGroupRules',
    times: -1,
    error: 'UnauthorizedOperation',
    status: 403,
  })
  const { code, stdout, stderr } = await status(['cruddur-db', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'cruddur-db',
    kind: 'instance',
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    cost: { now: 17.63, stopped: 2.3, pricesRegion: 'us-east-1' },
    support: { ends: '2030-02-28T00:00:00.000Z' },
    access: { rules: [], unread: [{ groupId: group, code: 'AWS_NOT_ALLOWED' }] },
    warnings: [expect.stringContaining('ec2:DescribeSecurityGroupRules')],
  })
})

test('warnings are coloured only where that is wanted', async () => {
  await addRule('0.0.0.0/0')
  const coloured = await status(['cruddur-db'], { FORCE_COLOR: '1' })
  expect(coloured.stderr).toContain('\u001B[')
  const plain = await status(['cruddur-db'], { NO_COLOR: '1' })
  expect(plain.stdout + plain.stderr).not.toContain('\u001B[')
})

test('when none is named, the hint lists those of the region', async () => {
  const choice = JSON.parse((await status(['--json'])).stdout) as { error: object }
  expect(choice.error).toEqual({
    code: 'INSTANCE_UNKNOWN',
    message: 'Which RDS instance is meant is not known.',
    hint: 'Name it, or put PROD_CONNECTION_URL with its host name into .env. In eu-central-1 there are: cruddur-db (available).',
    details: { region: 'eu-central-1', databases: ['cruddur-db'] },
  })
  await emulator.reset()
  expect((await status([])).stderr).toContain('.env. In eu-central-1 there is none.\n')
})

test('when those cannot be listed either, that which is missing is said', async () => {
  await emulator.fault({ action: 'DescribeDBInstances', times: -1, error: 'AccessDenied', status: 403 })
  const failed = await status([])
  expect(failed.code).toBe(2)
  expect(failed.stderr).toContain('Name it, or put PROD_CONNECTION_URL with its host name into .env.\n')
  expect((await status([], { AWS_REGION: '' })).code).toBe(2)
})

test.each([
  [['two--hyphens'], 2, 'INSTANCE_INVALID'],
  [['crudur-db'], 1, 'INSTANCE_NOT_FOUND'],
])('%j: exit code %i, %s', async (words, code, name) => {
  const failed = await status([...words, '--json'])
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
})

test('what AWS says is shown to the terminal as text, not as commands', async () => {
  await emulator.fault({
    action: 'DescribeDBInstances',
    times: -1,
    rewrite: [['<MasterUsername>[^<]*', '<MasterUsername>eve&#x9B;31m&#x202E;']],
  })
  const { code, stdout } = await status(['cruddur-db'])
  expect(code).toBe(0)
  expect(stdout).toContain(String.raw`master user eve\x9b31m\u202e`)
  expect(stdout).not.toMatch(/[\u009B\u202E]/)
})
