import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { makeInstance } from '../support/aws/instance.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur, withProject } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

// `cruddur rds update-sg-rule` as it is run at the start of a workspace.

const SECRET = 'sEcReT0fTheT3st/+='

const emulator = withEmulator()
let groupId: string

beforeEach(async () => {
  groupId = await makeSecurityGroup(emulator)
})

const run = (words: readonly string[] = [], env: Record<string, string> = {}, directory?: string) =>
  cruddur(['rds', 'update-sg-rule', ...words], {
    env: {
      ...emulator.environment,
      AWS_SECRET_ACCESS_KEY: SECRET,
      GITPOD_IP: '5.6.7.8',
      DB_SG_ID: groupId,
      GITPOD_WORKSPACE_ID: 'blue-fox-1',
      ...env,
    },
    ...(directory === undefined ? {} : { directory }),
  })

test('it says what it did, and the next time that there was nothing to do', async () => {
  const first = await run()
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(
    new RegExp(String.raw`^Created: 5\.6\.7\.8/32 on port 5432 by sgr-\w+ of ${groupId}\.\n$`),
  )
  const calls = (await emulator.calls()).length
  expect((await run()).stdout).toMatch(/^Unchanged: /)
  expect((await emulator.calls()).length - calls).toBe(1)
  const moved = await run(['--ip', '5.6.7.9'])
  expect(moved.stdout).toMatch(/^Replaced: 5\.6\.7\.9\/32 .*, before 5\.6\.7\.8\/32\.\n$/)
})

describe('without DB_SG_ID', () => {
  const ID = 'cruddur-db'
  const PROD_CONNECTION_URL = `postgres://me@${ID}.c0ffee.eu-central-1.rds.amazonaws.com:6543/cruddur`
  const byUrl = { DB_SG_ID: '', PROD_CONNECTION_URL }

  beforeEach(() =>
    makeInstance(emulator, ID, { VpcSecurityGroupIds: [groupId], PubliclyAccessible: true, Port: 6543 }),
  )

  test.each([
    ['PROD_CONNECTION_URL', [], byUrl],
    ['an argument', ['Cruddur-DB'], { DB_SG_ID: '' }],
  ])(
    'the group and the port are those of the database of %s; two calls when nothing has changed',
    async (_, words, env) => {
      const first = await run(words, env)
      expect(first).toMatchObject({ code: 0, stderr: '' })
      expect(first.stdout).toMatch(
        new RegExp(String.raw`^Created: 5\.6\.7\.8/32 on port 6543 by sgr-\w+ of ${groupId}\.\n$`),
      )
      const calls = (await emulator.calls()).length
      expect((await run(words, env)).stdout).toMatch(/^Unchanged: /)
      expect((await emulator.calls()).slice(calls).map(({ action }) => action)).toEqual([
        'DescribeDBInstances',
        'DescribeSecurityGroupRules',
      ])
    },
  )

  test('a group that the database does not use is refused, with exit code 2', async () => {
    const other = await makeSecurityGroup(emulator)
    const failed = await run([ID, '--json', '--group', other])
    expect(failed.code).toBe(2)
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'GROUP_NOT_OF_DATABASE' } })
    const warned = await run([], { ...byUrl, DB_SG_ID: other })
    expect(warned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Created: /) })
    expect(warned.stderr).toBe(`Warning: ${other} is not attached to ${ID}, which has ${groupId}.\n`)
  })

  test('a URL that makes no sense matters only then', async () => {
    const env = { PROD_CONNECTION_URL: 'postgres://me:p/a#ss@host/db' }
    expect(await run([], env)).toMatchObject({ code: 0, stderr: '' })
    const failed = await run(['--json'], { ...env, DB_SG_ID: '' })
    expect(failed.code).toBe(2)
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'INVALID_URL' } })
  })
})

test('a range is let in with a warning, and with --prune it is said what is left', async () => {
  const ranged = await run(['--cidr', '5.6.7.8/24'], { GITPOD_IP: '' })
  expect(ranged).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Created: 5\.6\.7\.0\/24 /) })
  expect(ranged.stderr).toMatch(/^Warning: 5\.6\.7\.0\/24 lets in everybody .*\n$/)
  const pruned = await run(['--prune'], { GITPOD_WORKSPACE_ID: 'red-bear-2' })
  expect(pruned.stdout).toMatch(/^Created: 5\.6\.7\.8\/32 [^\n]*\n$/)
})

/** A server on a free port until the test is over. */
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
const at = (port: number) => ({ PROD_CONNECTION_URL: `postgres://me@127.0.0.1:${port}/cruddur` })

describe('--probe', () => {
  test('tries the connection', async () => {
    expect(await run(['--probe'], at(await listen()))).toMatchObject({ code: 0, stderr: '' })
  })

  test('exits with 3 if there is none, and with --soft with one line and 0', async () => {
    const env = at(await freePort())
    const failed = await run(['--probe', '--json'], env)
    expect(failed.code).toBe(3)
    expect(JSON.parse(failed.stdout)).toMatchObject({
      error: {
        code: 'DATABASE_NOT_REACHED',
        details: { problem: 'ECONNREFUSED', result: { outcome: 'created' } },
      },
    })
    const soft = await run(['--probe', '--soft'], env)
    expect(soft).toMatchObject({ code: 0, stdout: '' })
    expect(soft.stderr).toMatch(/^Warning: The rule sgr-\w+ lets 5\.6\.7\.8\/32 in, but [^\n]+\n$/)
  })
})

/** The description that a run gives the rule it makes. */
async function described(env: Record<string, string>): Promise<string | undefined> {
  const before = (await emulator.calls()).length
  await run([], env)
  const calls = (await emulator.calls()).slice(before)
  const made = calls.find(({ action }) => action.startsWith('Authorize'))
  return made?.params['IpPermissions.1.IpRanges.1.Description']
}

test('the description is GITPOD in Gitpod, and tells who it is elsewhere', async () => {
  expect(await described({})).toBe('GITPOD')
  const codespace = { GITPOD_WORKSPACE_ID: '', CODESPACE_NAME: 'ana-7f', GITPOD_IP: '5.6.7.9' }
  expect(await described(codespace)).toBe('moto@ana-7f')
})

test('with --json it is one object', async () => {
  const { code, stdout, stderr } = await run(['--json', '--dry-run'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    outcome: 'created',
    dryRun: true,
    groupId,
    ruleId: '',
    cidr: '5.6.7.8/32',
    port: 5432,
    revoked: [],
    pruned: [],
    owner: 'moto',
    warnings: [],
  })
})

test('the old names and .env are read; the environment comes first', () =>
  withProject(
    {
      '.env': `DB_SG_ID=${groupId}\nAWS_DEFAULT_REGION=us-west-2\nGITPOD_IP=5.6.7.7\n`,
      'package.json': '{}',
    },
    async ({ path }) => {
      const { code, stdout } = await run([], { DB_SG_ID: '', AWS_REGION: '', GITPOD_IP: '' }, path)
      expect(code).toBe(1)
      expect(stdout).toBe('')
      expect((await emulator.calls()).at(-1)).toMatchObject({ region: 'us-west-2' })
      expect((await run(['--region', 'eu-central-1'], { DB_SG_ID: '' }, path)).stdout).toContain('5.6.7.8/32')
    },
  ))

describe('when it fails', () => {
  test.each([
    [['--ip', '10.0.0.1'], {}, 2, 'INVALID_IP'],
    [['--ip', '5.6.7.8/24'], {}, 2, 'INVALID_IP'],
    [[], { GITPOD_IP: '<html>' }, 2, 'INVALID_IP'],
    [['--cidr', '0.0.0.0/0'], {}, 2, 'CIDR_TOO_WIDE'],
    [['--cidr', '::/0'], {}, 2, 'CIDR_TOO_WIDE'],
    [['--cidr', '5.6.7.0/23'], {}, 2, 'CIDR_TOO_WIDE'],
    [['--cidr', '5.6.7.0'], {}, 2, 'INVALID_CIDR'],
    [['--cidr', '5.6.7.0/24', '--ip', '5.6.7.8'], {}, 2, 'USAGE'],
    [['--cidr', '5.6.7.0/24', '--rule', 'sgr-00000000000000000'], {}, 2, 'CIDR_IN_NAMED_RULE'],
    [['--port', '22'], {}, 2, 'USAGE'],
    [['two--hyphens'], {}, 2, 'INSTANCE_INVALID'],
    [['nobody'], {}, 1, 'INSTANCE_NOT_FOUND'],
    [['--probe'], {}, 2, 'INSTANCE_UNKNOWN'],
    [[], { DB_SG_ID: 'sgr-00000000000000000' }, 2, 'SECURITY_GROUP_INVALID'],
    [[], { DB_SG_RULE_ID: 'sg-00000000000000000' }, 2, 'RULE_INVALID'],
    [['--region', 'nowhere'], {}, 2, 'AWS_REGION_INVALID'],
    [[], { AWS_REGION: '' }, 2, 'AWS_REGION_MISSING'],
    [['--profile', 'nobody'], {}, 2, 'AWS_PROFILE_UNKNOWN'],
    [[], { DB_SG_ID: '' }, 2, 'SECURITY_GROUP_UNKNOWN'],
    [[], { DB_SG_ID: 'sg-00000000' }, 1, 'SECURITY_GROUP_NOT_FOUND'],
    [[], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 3, 'AWS_UNREACHABLE'],
    [[], { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 1, 'AWS_NO_CREDENTIALS'],
  ])(
    '%j %j: exit code %i, %s',
    async (words, env, code, name) => {
      const failed = await run([...words, '--json'], env)
      expect(failed.code).toBe(code)
      expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name, hint: expect.any(String) } })
      const soft = await run([...words, '--soft'], env)
      expect(soft).toMatchObject({ code: 0, stdout: '' })
      expect(soft.stderr).toMatch(/^Warning: .+\n$/)
      expect(`${failed.stderr}${failed.stdout}${soft.stderr}`).not.toMatch(/ {4}at |sEcReT/)
    },
    60_000,
  )

  test('nothing secret comes out, also when everything is shown', async () => {
    await emulator.fault({ action: 'DescribeSecurityGroupRules', error: 'SignatureDoesNotMatch', times: -1 })
    for (const words of [[], ['--json'], ['--soft']]) {
      const { stdout, stderr } = await run(words, { DEBUG: '*' })
      expect(`${stdout}${stderr}`).not.toContain('sEcReT')
    }
  }, 60_000)
})
