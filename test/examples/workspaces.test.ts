import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur } from '../support/cli.ts'

// What the workspace files run at each start lets the workspace in.

const FOLDER = join(import.meta.dirname, '../../examples/workspaces')

const emulator = withEmulator()

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
