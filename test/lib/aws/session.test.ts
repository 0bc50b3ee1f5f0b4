import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AwsChoice, openAwsSession } from '../../../src/lib/aws/session.ts'
import { failureOf } from '../../support/load.ts'

const CONFIG = `[default]
region = eu-west-1
[profile dev]
region = us-east-2
[profile bare]
output = json
`
const CREDENTIALS = `[dev]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = example-secret
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cruddur-aws-'))
  writeFileSync(join(folder, 'config'), CONFIG)
  writeFileSync(join(folder, 'credentials'), CREDENTIALS)
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const from = (value: string, source = '--flag') => ({ value, source })

describe('the region', () => {
  test.each<[string, AwsChoice, string, string]>([
    ['is that which is given', { region: from('eu-central-1') }, 'eu-central-1', '--flag'],
    [
      'before that of the profile',
      { region: from('eu-central-1'), profile: from('dev') },
      'eu-central-1',
      '--flag',
    ],
    ['else that of the profile', { profile: from('dev') }, 'us-east-2', 'the profile "dev"'],
    ['else that of the default profile', {}, 'eu-west-1', 'the profile "default"'],
  ])('%s', async (_, choice, region, regionSource) => {
    expect(await openAwsSession(choice)).toMatchObject({ region, regionSource })
  })

  test('that is nowhere: the error says where it was looked for', async () => {
    const error = await failureOf(openAwsSession({ profile: from('bare') }))
    expect(error).toMatchObject({ code: 'AWS_REGION_MISSING', kind: 'usage' })
    for (const place of ['--region', 'AWS_REGION', 'AWS_DEFAULT_REGION', '"bare"'])
      expect(error.message).toContain(place)
  })

  test.each([
    ['eu-central-1a', 'eu-central-1.'],
    ['frankfurt', 'eu-central-1'],
    ['evil.example.com/', 'eu-central-1'],
    ['', 'eu-central-1'],
  ])('%j is none', async (value, hint) => {
    const error = await failureOf(openAwsSession({ region: from(value, 'AWS_REGION in the environment') }))
    expect(error).toMatchObject({ code: 'AWS_REGION_INVALID', hint: expect.stringContaining(hint) })
    expect(error.message).toContain('AWS_REGION in the environment')
  })
})

test('a profile that is not there: the near one is suggested', async () => {
  const error = await failureOf(openAwsSession({ profile: from('dve', '--profile') }))
  expect(error).toMatchObject({ code: 'AWS_PROFILE_UNKNOWN', hint: 'Did you mean "dev"?' })
})

test('the credentials are those of the profile', async () => {
  const { clientOptions } = await openAwsSession({ profile: from('dev') })
  expect(await clientOptions.credentials()).toMatchObject({ accessKeyId: 'AKIAEXAMPLE' })
})
