import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { cruddur, EXECUTABLE, makeProject, type TestProjectFolder } from '../support/cli.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

// `cruddur rds reset-password` as it is typed: who must agree, what is in .env afterwards, and that it is only there.

const HOST = 'cruddur-db.aaaaaaaaaa.eu-central-1.rds.amazonaws.com'
const OLD = `postgres://cruddurroot:OldZq7VxKw@${HOST}:5432/cruddur`

let emulator: AwsEmulator
let project: TestProjectFolder

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  await makeInstance(emulator, 'cruddur-db', { DBName: 'cruddur' })
  project = makeProject({ '.env': `PROD_CONNECTION_URL=${OLD}\n` })
  onTestFinished(() => project.remove())
})

const reset = (words: readonly string[], env: Record<string, string> = {}, input = '') =>
  cruddur(['rds', 'reset-password', ...words], {
    directory: project.path,
    input,
    env: { ...emulator.environment, ...env },
  })

const kept = () => parseEnv(readFileSync(join(project.path, '.env'), 'utf8'))
const sent = async () => (await emulator.calls()).flatMap(({ params }) => params['MasterUserPassword'] ?? [])

test('with the name of the database it is done: .env has the new password, and nothing else has', async () => {
  const { code, stdout, stderr } = await reset(['--confirm', 'cruddur-db'], { DEBUG: '*' })
  const [password = ''] = (await sent()).slice(1)
  expect(code).toBe(0)
  expect(stdout).toBe(
    `cruddurroot of cruddur-db has another password; PROD_CONNECTION_URL in ${project.path}/.env has it.\n`,
  )
  expect(password).toHaveLength(32)
  expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace('OldZq7VxKw', password) })
  expect((statSync(join(project.path, '.env')).mode & 0o777).toString(8)).toBe('600')
  expect(stderr).toContain('Others could read')
  for (const secret of [password, 'Zq7VxKw']) expect(stdout + stderr).not.toContain(secret)
})

test('with --json it is one object without a secret', async () => {
  const { code, stdout, stderr } = await reset(['--confirm', 'cruddur-db', '--json'])
  const [password = ''] = (await sent()).slice(1)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({
    id: 'cruddur-db',
    kind: 'instance',
    mode: 'set',
    user: 'cruddurroot',
    status: 'available',
    kept: { path: join(project.path, '.env'), variable: 'PROD_CONNECTION_URL', tightenedFrom: '644' },
    dryRun: false,
    ms: expect.any(Number),
    warnings: [expect.stringContaining('Others could read')],
  })
  expect(stdout).not.toContain(password)
})

test('without a terminal and without the name it is refused', async () => {
  const { code, stdout, stderr } = await reset([])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('--confirm cruddur-db')
  expect(stderr).toContain(HOST)
  expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD })
  expect((await sent()).slice(1)).toEqual([])
})

test.skipIf(terminalMissing !== undefined)('on a terminal the name is asked for', async () => {
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'rds', 'reset-password'],
    cwd: project.path,
    env: { HOME: project.path, LC_ALL: 'C.UTF-8', ...emulator.environment },
    columns: 120,
  })
  onTestFinished(() => terminal.stop())
  await terminal.waitFor('Type cruddur-db to go on')
  expect(await terminal.screen()).toContain('whatever logs in with the old password fails from then on')
  await terminal.enter('cruddur-db')
  await terminal.waitFor('has another password')
  expect(kept()['PROD_CONNECTION_URL']).toContain((await sent())[1])
})

test('a dry run says what it would do', async () => {
  expect(await reset(['--dry-run'])).toEqual({
    code: 0,
    stdout: `cruddurroot of cruddur-db would get another password; PROD_CONNECTION_URL in ${project.path}/.env would have it.\n`,
    stderr: '',
  })
})

test('Secrets Manager is to keep it', async () => {
  const { code, stdout } = await reset(['--managed', '--confirm', 'cruddur-db'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/made by Secrets Manager \(arn:aws:secretsmanager:.*has none any longer\.$/m)
  expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace(':OldZq7VxKw', '') })
})

test('one that is given is read from the input, and shown nowhere', async () => {
  const words = ['--password', 'stdin', '--confirm', 'cruddur-db']
  const { code, stdout, stderr } = await reset(words, { DEBUG: '*' }, 'GivenZq7VxKw#1\n')
  expect(code).toBe(0)
  expect((await sent()).slice(1)).toEqual(['GivenZq7VxKw#1'])
  expect(kept()).toEqual({ PROD_CONNECTION_URL: OLD.replace('OldZq7VxKw', 'GivenZq7VxKw%231') })
  expect(stdout + stderr).not.toContain('Zq7VxKw')
})

test.each([
  [['--password', 'stdin'], 'Zq7VxKw@more\n', 'PASSWORD_INVALID'],
  [['--password', 'stdin'], '', 'PASSWORD_INVALID'],
  [['--password', 'TheZq7VxKw'], '', 'PASSWORD_MODE_UNKNOWN'],
  [['--password=TheZq7VxKw'], '', 'PASSWORD_MODE_UNKNOWN'],
  [['--managed', '--password', 'TheZq7VxKw'], '', 'USAGE'],
])('%j with the input %j: %s, not repeated', async (words, input, code) => {
  const failed = await reset([...words, '--confirm', 'cruddur-db', '--json'], { DEBUG: '*' }, input)
  expect(failed.code).toBe(2)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code } })
  expect(failed.stdout + failed.stderr).not.toContain('Zq7VxKw')
  expect((await sent()).slice(1)).toEqual([])
})

test('that git would take the file, and that the environment counts before it, is said', async () => {
  execFileSync('git', ['init', '--quiet', project.path])
  const { stderr } = await reset(['--confirm', 'cruddur-db'], { PROD_CONNECTION_URL: OLD })
  expect(stderr).toMatch(/git does not ignore .*\.env/)
  expect(stderr).toContain('PROD_CONNECTION_URL is set in the environment')
})

test.each([
  ['AccessDenied', 1, 'AWS_NOT_ALLOWED'],
  ['InternalFailure', 3, 'RESET_UNKNOWN'],
])('%s: exit code %i, %s, and no password in it', async (error, code, name) => {
  const status = error === 'InternalFailure' ? 500 : 403
  await emulator.fault({ action: 'ModifyDBInstance', error, status, times: -1 })
  const failed = await reset(['--confirm', 'cruddur-db', '--json'], { DEBUG: '*' })
  expect(failed.code).toBe(code)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: name } })
  const [password = 'none'] = (await sent()).slice(1)
  for (const secret of [password, 'Zq7VxKw']) expect(failed.stdout + failed.stderr).not.toContain(secret)
})
