import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { cruddur } from '../support/cli.ts'

// What the workspace files run at each start lets the workspace in.

const FOLDER = join(import.meta.dirname, '../../examples/workspaces')

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())
beforeEach(() => emulator.reset())

test.for(readdirSync(FOLDER))('%s', async (file) => {
  const [, line = ''] = /npx cruddur ([^"\n]+)/.exec(readFileSync(join(FOLDER, file), 'utf8')) ?? []
  const env = {
    ...emulator.environment,
    GITPOD_IP: '5.6.7.8',
    DB_SG_ID: await makeSecurityGroup(emulator),
  }
  const { code, stdout, stderr } = await cruddur(line.split(' '), { env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Created: 5\.6\.7\.8\/32 /)
})
