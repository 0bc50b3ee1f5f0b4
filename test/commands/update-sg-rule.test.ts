import { beforeEach, describe, expect, test } from 'vitest'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur, withProject } from '../support/cli.ts'

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
  expect((await emulator.calls()).length - calls).toBe(2)
  const moved = await run(['--ip', '5.6.7.9'])
  expect(moved.stdout).toMatch(/^Replaced: 5\.6\.7\.9\/32 .*, before 5\.6\.7\.8\/32\.\n$/)
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
