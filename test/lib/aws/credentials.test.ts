import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { openAwsSession } from '../../../src/lib/aws/session.ts'
import { makeSecurityGroup } from '../../support/aws/security-group.ts'
import { withEmulator } from '../../support/aws/with-emulator.ts'
import { cruddur } from '../../support/cli.ts'

// Profiles as people have them in ~/.aws, with real files in a home of their own. What the SDK makes of them is what counts.

const SESSION = 'team'

const CONFIG = `[profile keys]
region = eu-central-1
[profile dev]
sso_session = ${SESSION}
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-central-1
[profile old]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 123456789012
sso_role_name = Developer
region = eu-central-1
[profile role]
role_arn = arn:aws:iam::123456789012:role/Developer
source_profile = keys
region = eu-central-1
[profile ana]
role_arn = arn:aws:iam::123456789012:role/Developer
role_session_name = ana
source_profile = keys
region = eu-central-1
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/Admin
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/ana
region = eu-central-1
[profile nothing]
region = eu-central-1
[sso-session ${SESSION}]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access
`
const CREDENTIALS = `[keys]
aws_access_key_id = AKIAEXAMPLEKEYS
aws_secret_access_key = sEcReTkEy
`
const TOKEN = 'sEcReTtOkEn'

const emulator = withEmulator()
let home: string
let groupId: string

/** Keeps a login with SSO where the CLI keeps it: by the hash of the session's name, or of the start URL. */
function keepLogin(key: string, expiresAt: Date, more: Record<string, string> = {}): void {
  const name = createHash('sha1').update(key).digest('hex')
  const login = { accessToken: TOKEN, expiresAt: expiresAt.toISOString(), region: 'eu-central-1', ...more }
  writeFileSync(join(home, '.aws/sso/cache', `${name}.json`), JSON.stringify(login))
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'cruddur-home-'))
  mkdirSync(join(home, '.aws/sso/cache'), { recursive: true })
  writeFileSync(join(home, '.aws/config'), CONFIG)
  writeFileSync(join(home, '.aws/credentials'), CREDENTIALS)
})
afterAll(() => rmSync(home, { recursive: true, force: true }))
beforeEach(async () => {
  groupId = await makeSecurityGroup(emulator)
})

const run = (profile: string, words: readonly string[] = []) =>
  cruddur(['rds', 'update-sg-rule', '--profile', profile, ...words], {
    env: {
      HOME: home,
      AWS_ENDPOINT_URL: emulator.url,
      AWS_EC2_METADATA_DISABLED: 'true',
      DB_SG_ID: groupId,
      GITPOD_IP: '5.6.7.8',
      GITPOD_WORKSPACE_ID: 'blue-fox-1',
    },
  })

/** What a run that fails says, with `--json`. */
async function errorOf(profile: string) {
  const { code, stdout, stderr } = await run(profile, ['--json'])
  expect(`${stdout}${stderr}`).not.toMatch(/sEcReT| {4}at /)
  expect(code).toBe(1)
  const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } }
  return error
}

describe('SSO', () => {
  test.each([
    ['and cannot be renewed', {}],
    [
      'and is not renewed by the service',
      {
        clientId: 'client',
        clientSecret: TOKEN,
        refreshToken: TOKEN,
        registrationExpiresAt: new Date(Date.now() + 86_400_000).toISOString(),
      },
    ],
  ])('a login that has expired %s: the command for the next one', async (_, more) => {
    keepLogin(SESSION, new Date(Date.now() - 60_000), more)
    expect(await errorOf('dev')).toMatchObject({
      code: 'AWS_LOGIN_EXPIRED',
      message: expect.stringMatching(/^Your AWS session has expired \(/),
      hint: expect.stringContaining('aws sso login --profile dev'),
    })
  })

  test('a login that has expired, as it was kept before there were sessions', async () => {
    keepLogin('https://example.awsapps.com/start', new Date(Date.now() - 60_000))
    expect(await errorOf('old')).toMatchObject({
      code: 'AWS_LOGIN_EXPIRED',
      hint: expect.stringContaining('aws sso login --profile old'),
    })
  })

  test('nobody has logged in yet', async () => {
    rmSync(join(home, '.aws/sso/cache'), { recursive: true })
    mkdirSync(join(home, '.aws/sso/cache'))
    for (const profile of ['dev', 'old'])
      expect(await errorOf(profile)).toMatchObject({
        code: 'AWS_NO_CREDENTIALS',
        hint: `Log in: aws sso login --profile ${profile}`,
      })
  })

  test('a start script goes on, with one line', async () => {
    keepLogin(SESSION, new Date(Date.now() - 60_000))
    const { code, stdout, stderr } = await run('dev', ['--soft'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/^Warning: .*aws sso login --profile dev.*\n$/)
  })
})

test('a profile that needs the code of an MFA device, and no terminal to ask on', async () => {
  expect(await errorOf('mfa')).toMatchObject({
    code: 'AWS_NO_CREDENTIALS',
    hint: 'This profile needs the code of an MFA device: run it on a terminal.',
  })
  expect((await emulator.calls()).map(({ action }) => action)).not.toContain('AssumeRole')
})

test('a profile that needs it, and somebody who knows it', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', join(home, '.aws/config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, '.aws/credentials'))
  vi.stubEnv('AWS_ENDPOINT_URL', emulator.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  const devices: string[] = []
  const { clientOptions } = await openAwsSession({
    profile: { value: 'mfa', source: '--profile' },
    askMfaCode: async (device) => {
      devices.push(device)
      return '123456'
    },
  })
  expect(await clientOptions.credentials()).toMatchObject({ accessKeyId: expect.any(String) })
  expect(devices).toEqual(['arn:aws:iam::123456789012:mfa/ana'])
  const asked = (await emulator.calls()).find(({ action }) => action === 'AssumeRole')
  expect(asked?.params).toMatchObject({ TokenCode: '123456', SerialNumber: devices[0] })
})

test('a profile without credentials', async () => {
  expect(await errorOf('nothing')).toMatchObject({
    code: 'AWS_NO_CREDENTIALS',
    hint: expect.stringContaining('aws configure --profile nothing'),
  })
})

describe('a profile that assumes a role', () => {
  /** Since the last call of this: what was asked, and whose tag the new rules have. */
  let seen = 0
  async function since() {
    const calls = (await emulator.calls()).slice(seen)
    seen += calls.length
    const made = calls.filter(({ action }) => action === 'AuthorizeSecurityGroupIngress')
    const tags = made.flatMap(({ params }) =>
      Object.entries(params).map(([key, value]) => [key, value] as const),
    )
    const owner = tags.find(([, value]) => value === 'cruddur:owner')?.[0].replace(/Key$/, 'Value')
    return {
      actions: calls.map(({ action }) => action),
      owner: owner === undefined ? undefined : made[0]?.params[owner],
    }
  }
  beforeEach(() => {
    seen = 0
  })

  test('is who it says it is', async () => {
    await since()
    expect(await run('ana')).toMatchObject({ code: 0, stderr: '' })
    const { actions, owner } = await since()
    expect(actions[0]).toBe('AssumeRole')
    expect(owner).toBe('ana')
  })

  test('and does not say who it is, is the same one the next time although its session is another', async () => {
    await since()
    expect(await run('role')).toMatchObject({ code: 0, stderr: '' })
    expect((await since()).owner).toBe('Developer')
    const moved = await run('role', ['--ip', '5.6.7.9'])
    expect(moved.stdout).toMatch(/^Replaced: 5\.6\.7\.9\/32 .*, before 5\.6\.7\.8\/32\.\n$/)
    const { actions } = await since()
    expect(actions).toContain('RevokeSecurityGroupIngress')
    const [first, second] = (await emulator.calls())
      .filter(({ action }) => action === 'AssumeRole')
      .map(({ params }) => params['RoleSessionName'])
    expect(first).toMatch(/^aws-sdk-js-\d+$/)
    expect(second).not.toBe(first)
  })

  test('and may not', async () => {
    await emulator.fault({ action: 'AssumeRole', error: 'AccessDenied', status: 403, times: -1 })
    expect(await errorOf('role')).toMatchObject({ code: 'AWS_NOT_ALLOWED' })
  })
})
