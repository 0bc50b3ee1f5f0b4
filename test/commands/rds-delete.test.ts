import { readFileSync } from 'node:fs'
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { testAwsSession } from '../support/aws/session.ts'
import { cruddur, EXECUTABLE, withProject } from '../support/cli.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

// `cruddur rds delete` as it is typed.

let emulator: AwsEmulator

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, 'cruddur-db')
})

const rds = (words: readonly string[], env: Record<string, string> = {}, directory?: string) =>
  cruddur(['rds', ...words], {
    env: { ...emulator.environment, ...env },
    ...(directory === undefined ? {} : { directory }),
  })

/** The instances that there are, with their hosts. */
const instances = async () => {
  const client = new RDSClient(testAwsSession(emulator).clientOptions)
  const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({}))
  client.destroy()
  return DBInstances.map(({ DBInstanceIdentifier: id, Endpoint }) => ({ id, host: Endpoint?.Address ?? '' }))
}

test('without its name nothing is done, with it the instance is deleted and the snapshot named', async () => {
  for (const words of [[], ['--confirm', 'other-db']]) {
    const refused = await rds(['delete', 'cruddur-db', ...words])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--confirm cruddur-db')
    expect(refused.stderr).not.toContain('protected')
    expect(refused.stderr).toMatch(/stays +the final snapshot cruddur-db-final-\d{8}-\d{6}/)
  }
  expect(await instances()).toHaveLength(1)
  const { code, stdout } = await rds(['delete', 'cruddur-db', '--confirm', 'cruddur-db'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^cruddur-db is deleted\.\nIts data is in the snapshot (\S+): cruddur rds restore \1 brings it back\.\n$/,
  )
  expect(await instances()).toEqual([])
})

test('a dry run shows what would be done', async () => {
  const { code, stdout } = await rds(['delete', 'cruddur-db', '--no-snapshot', '--dry-run'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Would delete cruddur-db:\n {2}instance +cruddur-db\n/)
  expect(stdout).toContain('nothing: no final snapshot is taken')
  expect(await instances()).toHaveLength(1)
})

test.each([false, true])(
  'a URL that leads there is told, or with --forget taken out of .env: %s',
  async (forget) => {
    const [{ host } = { host: '' }] = await instances()
    const env = `PROD_CONNECTION_URL=postgres://me:s3cret-Pa55@${host}/app\nB=2\n`
    await withProject({ '.env': env }, async ({ path }) => {
      const words = ['delete', '--confirm', 'cruddur-db', ...(forget ? ['--forget'] : [])]
      const { code, stdout, stderr } = await rds(words, {}, path)
      expect(code).toBe(0)
      expect(stdout + stderr).not.toContain('s3cret-Pa55')
      expect(stderr.includes('leads to it still')).toBe(!forget)
      expect(readFileSync(`${path}/.env`, 'utf8')).toBe(forget ? 'B=2\n' : env)
    })
  },
)

test('with --json it is one object', async () => {
  const { stdout, stderr } = await rds(['delete', 'cruddur-db', '--confirm', 'cruddur-db', '--json'])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'cruddur-db',
    status: 'gone',
    snapshot: expect.any(String),
    changed: true,
    forgotten: false,
    warnings: [],
  })
})

test.each([
  [['delete'], 2, 'INSTANCE_UNKNOWN'],
  [['delete', 'cruddur-db'], 2, 'NOT_CONFIRMED'],
  [['delete', 'crudur-db'], 1, 'INSTANCE_NOT_FOUND'],
  [['delete', 'cruddur-db', '--snapshot-name', 'a--b'], 2, 'SNAPSHOT_INVALID'],
  [['delete', 'cruddur-db', '--snapshot-name', 'a', '--no-snapshot'], 2, 'USAGE'],
])('%j: exit code %i, %s', async (words, code, name) => {
  const failed = await rds([...words, '--json'])
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
})

test.skipIf(terminalMissing)('on a terminal the name is asked for', async () => {
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'rds', 'delete', 'cruddur-db'],
    env: { HOME: '/nowhere', ...emulator.environment },
  })
  try {
    const asked = await terminal.waitFor('to go on')
    expect(asked).toContain('final snapshot cruddur-db-final-')
    await terminal.enter('cruddur-db')
    await terminal.waitFor('cruddur-db is deleted.')
  } finally {
    await terminal.stop()
  }
  expect(await instances()).toEqual([])
})
