import { beforeEach, expect, test } from 'vitest'
import { makeInstance } from '../support/aws/instance.ts'
import { withEmulator } from '../support/aws/with-emulator.ts'
import { cruddur } from '../support/cli.ts'

// `cruddur rds start` and `stop` as they are typed.

const PROD = 'postgres://me@Cruddur-DB.c0ffee.eu-central-1.rds.amazonaws.com/cruddur'

const emulator = withEmulator()

beforeEach(() => makeInstance(emulator, 'cruddur-db'))

const rds = (words: readonly string[], env: Record<string, string> = {}) =>
  cruddur(['rds', ...words], { env: { ...emulator.environment, ...env } })

test('each says what it did; the instance is that of production when none is named', async () => {
  const env = { PROD_CONNECTION_URL: PROD }
  expect((await rds(['stop', '--dry-run'], env)).stdout).toBe('Would stop cruddur-db (available).\n')
  expect((await rds(['stop', '--dry-run'], env)).stderr).not.toContain('Stopping')
  const stopped = await rds(['stop', '--no-wait'], env)
  expect(stopped.code).toBe(0)
  expect((await rds(['stop'], env)).stdout).toBe('cruddur-db was stopped already.\n')
  expect((await rds(['start', '--dry-run'], env)).stdout).toBe('Would start cruddur-db (stopped).\n')
  expect((await rds(['start', 'CRUDDUR-DB', '--no-wait'])).code).toBe(0)
  expect((await rds(['start', 'cruddur-db'])).stdout).toBe('cruddur-db was available already.\n')
  expect((await rds(['start', 'cruddur-db', '--dry-run'])).stdout).toBe(
    'Nothing to do: cruddur-db is available.\n',
  )
})

test('when AWS will start it again stands below', async () => {
  await rds(['stop', 'cruddur-db', '--no-wait'])
  await emulator.fault({
    action: 'DescribeDBInstances',
    rewrite: [
      [
        '</DBInstanceStatus>',
        '</DBInstanceStatus><AutomaticRestartTime>2026-11-28T10:00:00Z</AutomaticRestartTime>',
      ],
    ],
  })
  const { stdout } = await rds(['stop', 'cruddur-db'])
  expect(stdout).toContain('AWS will start it by itself on 2026-11-28T10:00:00.000Z')
})

test('with --json it is one object', async () => {
  const { code, stdout, stderr } = await rds(['start', 'cruddur-db', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    id: 'cruddur-db',
    kind: 'instance',
    status: 'available',
    changed: false,
    dryRun: false,
    ms: expect.any(Number),
  })
})

test.each([
  [[], 2, 'INSTANCE_UNKNOWN'],
  [['-x-'], 2, 'USAGE'],
  [['two--hyphens'], 2, 'INSTANCE_INVALID'],
  [['nobody'], 1, 'INSTANCE_NOT_FOUND'],
])('start %j: exit code %i, %s', async (words, code, name) => {
  const failed = await rds(['start', ...words, '--json'])
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
})
