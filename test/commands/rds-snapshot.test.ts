import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { cruddur, withProject } from '../support/cli.ts'

// `cruddur rds snapshot` and `rds restore` as they are typed.

const PASSWORD = 's3cret-Pa55'

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  const group = await makeSecurityGroup(emulator)
  await makeInstance(emulator, 'cruddur-db', { VpcSecurityGroupIds: [group] })
})

const rds = (words: readonly string[], env: Record<string, string> = {}, directory?: string) =>
  cruddur(['rds', ...words], {
    env: { ...emulator.environment, ...env },
    ...(directory === undefined ? {} : { directory }),
  })

test('create and list', async () => {
  const dry = await rds(['snapshot', 'create', 'cruddur-db', '--name', 'mine', '--dry-run'])
  expect(dry).toMatchObject({ code: 0, stdout: 'Would take the snapshot mine of cruddur-db.\n' })
  const made = await rds(['snapshot', 'create', 'cruddur-db', '--name', 'mine'])
  expect(made).toMatchObject({ code: 0, stdout: 'The snapshot mine of cruddur-db is available.\n' })
  expect((await rds(['snapshot', 'create', 'cruddur-db', '--name', 'mine'])).stdout).toBe(
    'The snapshot mine of cruddur-db was there already; it is available.\n',
  )
  const { stdout } = await rds(['snapshot', 'list', 'CRUDDUR-DB'])
  expect(stdout.split('\n')[0]).toMatch(/^NAME +OF +STATUS +KIND +CREATED \(UTC\) +SIZE +ENGINE +ENCRYPTED$/)
  expect(stdout.split('\n')[1]).toMatch(
    /^mine +cruddur-db +available +manual +20\d\d-\d\d-\d\d \d\d:\d\d +20 GiB +postgres \S+ +no$/,
  )
  expect((await rds(['snapshot'])).stdout).toBe(stdout)
})

test('with --json each is one object', async () => {
  const made = await rds(['snapshot', 'create', 'cruddur-db', '--json'])
  expect(made.stderr).toBe('')
  expect(JSON.parse(made.stdout)).toEqual({
    id: 'cruddur-db',
    kind: 'instance',
    snapshot: expect.stringMatching(/^cruddur-db-\d{8}-\d{6}$/),
    status: 'available',
    changed: true,
    dryRun: false,
    ms: expect.any(Number),
  })
  const listed = await rds(['snapshot', 'list', '--json'])
  expect(JSON.parse(listed.stdout)).toMatchObject({
    snapshots: [
      { type: 'manual', databaseId: 'cruddur-db', gib: 20, encrypted: false },
      { type: 'automated' },
    ],
  })
})

test('restore says how to get in; --use has production lead there, with the same password', async () => {
  await rds(['snapshot', 'create', 'cruddur-db', '--name', 'mine'])
  const env = `A=1\nPROD_CONNECTION_URL=postgres://me:${PASSWORD}@cruddur-db.c0ffee.eu-central-1.rds.amazonaws.com/app?sslmode=verify-full\n`
  await withProject({ '.env': env }, async ({ path }) => {
    const { code, stdout, stderr } = await rds(['restore', 'mine', '--use'], {}, path)
    expect(code).toBe(0)
    expect(stdout).toContain('cruddur-db-restored was made from mine (of cruddur-db), behind sg-')
    expect(stdout).toContain('cruddur rds reset-password cruddur-db-restored')
    expect(stdout + stderr).not.toContain(PASSWORD)
    const again = await rds(['restore', 'mine', '--use', '--json'], {}, path)
    // It leads to the restored one by now.
    expect(JSON.parse(again.stdout)).toMatchObject({ id: 'cruddur-db-restored', changed: false, used: false })
    const { readFileSync } = await import('node:fs')
    expect(readFileSync(`${path}/.env`, 'utf8')).toMatch(
      new RegExp(
        `^A=1\nPROD_CONNECTION_URL="?postgres://me:${PASSWORD}@cruddur-db-restored\\.[a-z0-9.-]+:5432/app\\?sslmode=verify-full"?\n$`,
      ),
    )
  })
}, 30_000)

test.each([
  [['snapshot', 'create'], 2, 'INSTANCE_UNKNOWN'],
  [['snapshot', 'create', 'cruddur-db', '--name', 'a_b'], 2, 'SNAPSHOT_INVALID'],
  [['snapshot', 'create', 'nobody'], 1, 'INSTANCE_NOT_FOUND'],
  [['snapshot', 'creat'], 2, 'UNKNOWN_COMMAND'],
  [['snapshot', 'list', 'nobody'], 1, 'INSTANCE_NOT_FOUND'],
  [['restore'], 2, 'USAGE'],
  [['restore', 'nothing'], 1, 'SNAPSHOT_NOT_FOUND'],
  [['restore', 'x', 'two--hyphens'], 2, 'INSTANCE_INVALID'],
  [['restore', 'x', '--group', 'mine'], 2, 'SECURITY_GROUP_INVALID'],
])('%j: exit code %i, %s', async (words, code, name) => {
  const failed = await rds([...words, '--json'])
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
})
