import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { cruddur, makeProject, type TestProjectFolder } from '../support/cli.ts'

// `cruddur rds create --aurora` as it is typed.

let emulator: AwsEmulator
let project: TestProjectFolder

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  project = makeProject({ 'package.json': '{"name":"my-app"}' })
})
afterEach(() => project.remove())

const create = (words: readonly string[]) =>
  cruddur(['rds', 'create', '--aurora', ...words], { directory: project.path, env: emulator.environment })

test('the plan says what is made, when it pauses, and between which costs it moves', async () => {
  const { code, stdout } = await create(['--dry-run', '--auto-pause', '10m', '--max-acu', '4'])
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'Would make my-app-db:',
    '  cluster   my-app-db in eu-central-1: Aurora PostgreSQL 17, Serverless v2, with the instance my-app-db-1',
    '  capacity  0 to 4 units of about 2 GB of memory each',
    '  pause     after 10m 0s without connections; the first one then takes 15 to 30 s, for which the URL has connect_timeout=40',
    '  storage   as much as the data takes, encrypted',
    '  database  my_app, master user my_approot, port 5432',
    '  login     a password that is made up now, and written to .env only',
    '  network   publicly accessible, the default security group',
    '  backups   kept for a day',
    '  deletion  not protected (--prod protects it)',
    expect.stringMatching(
      /^  cost      about \$3\.65 a month running at its lowest capacity, \$354\.05 at its highest, \$0\.00 stopped \(prices of us-east-1, as of \S+\)$/,
    ),
    '            besides data: $0.10 per GB and month',
    '            besides its requests to the storage: $0.20 per million',
    '            besides backups beyond the size of the data: $0.021 per GB and month',
    '',
  ])
})

test('one that never pauses says so', async () => {
  const { stdout } = await create(['--dry-run', '--min-acu', '0.5'])
  expect(stdout).toContain('\n  pause     never (--min-acu 0 lets it pause)\n')
})

test('it is made, and started and stopped by its name from .env', async () => {
  const made = await create(['--yes', '--no-wait'])
  expect(made.code).toBe(0)
  expect(made.stderr).toContain('About to make an Aurora cluster:')
  const { code, stdout } = await create(['--yes'])
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('&connect_timeout=40') as string,
  })
  expect(readFileSync(join(project.path, '.env'), 'utf8')).toMatch(
    // For a shell that sources the file, an & ends a command.
    /^PROD_CONNECTION_URL='.*@my-app-db\.cluster-\w+\.eu-central-1\.rds\.amazonaws\.com:5432\/my_app\?sslmode=verify-full&connect_timeout=40'$/m,
  )
  const stopped = await cruddur(['rds', 'stop', '--dry-run'], {
    directory: project.path,
    env: emulator.environment,
  })
  expect(stopped.stdout).toBe('Would stop my-app-db (available).\n')
})

test('mistakes are told at once, with --json too', async () => {
  const { code, stdout } = await create([
    '--json',
    '--min-acu',
    '3',
    '--max-acu',
    '2',
    '--class',
    'db.t4g.micro',
  ])
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: 'CREATE_INVALID',
      details: {
        problems: [
          { input: 'class' },
          { input: 'max-acu', value: '2', problem: 'is less than the lowest capacity, 3' },
        ],
      },
    },
  })
})
