import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import {
  type CliOptions,
  type CliResult,
  cruddur,
  EXECUTABLE,
  makeProject,
  type TestProjectFolder,
} from '../support/cli.ts'
import { commandLine, watchDescendants } from '../support/descendants.ts'
import { Terminal, terminalMissing } from '../support/terminal.ts'

// `cruddur rds create` as it is typed.

/** What somebody would choose; it needs encoding in a URL. */
const PASSWORD = 'Zq7VxKw#?%41:&='
const CORE = 'Zq7VxKw'
const HOST = 'my-app-db.aaaaaaaaaa.eu-central-1.rds.amazonaws.com'

let emulator: AwsEmulator
let project: TestProjectFolder

beforeAll(async () => {
  emulator = await startAwsEmulator()
}, EMULATOR_START_TIMEOUT)
afterAll(() => emulator?.stop())

beforeEach(async () => {
  await emulator.reset()
  project = makeProject({ 'package.json': '{"name":"@us/my-app"}' })
})
afterEach(() => project.remove())

const create = (words: readonly string[] = [], { env = {}, ...more }: CliOptions = {}): Promise<CliResult> =>
  cruddur(['rds', 'create', ...words], {
    directory: project.path,
    env: { ...emulator.environment, ...env },
    ...more,
  })

const settings = () => parseEnv(readFileSync(join(project.path, '.env'), 'utf8'))
const passwordIn = (url: string | undefined) => parseConnectionUrl(url ?? '').password ?? ''
const requests = async () => (await emulator.calls()).filter(({ action }) => action === 'CreateDBInstance')

/** Makes what is looked at next a new instance that is not yet available. */
const seeCreating = (times: number, after = 1) =>
  emulator.fault({
    action: 'DescribeDBInstances',
    times,
    after,
    rewrite: [
      ['<DBInstanceStatus>available<', '<DBInstanceStatus>creating<'],
      ['<Endpoint>[\\s\\S]*?</Endpoint>', ''],
    ],
  })

test('the plan and its cost go before it, and the URL is shown without its password', async () => {
  const { code, stdout, stderr } = await create(['--yes'])
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^About to make an RDS instance:\n {2}instance {2}my-app-db in eu-central-1: PostgreSQL 17, db\.t4g\.micro/,
  )
  expect(stderr).toContain(
    'about $17.63 a month running, $2.30 stopped (prices of us-east-1, as of 2026-06-30)',
  )
  expect(stdout).toBe(
    `my-app-db is available now.\npostgres://my_approot:********@${HOST}:5432/my_app?sslmode=verify-full\nPROD_CONNECTION_URL in ${project.path}/.env leads there.\n`,
  )
  const password = passwordIn(settings()['PROD_CONNECTION_URL'])
  expect(password).toHaveLength(32)
  expect(`${stdout}${stderr}`).not.toContain(password)
  expect(statSync(join(project.path, '.env')).mode & 0o777).toBe(0o600)
  const again = await create(['--class', 'db.t4g.small'])
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout).toBe(
    `my-app-db was there already; it is available.\n  class: db.t4g.small was asked for, it is db.t4g.micro.\npostgres://my_approot:********@${HOST}:5432/my_app?sslmode=verify-full\nPROD_CONNECTION_URL in ${project.path}/.env leads there already.\n`,
  )
})

test('a dry run shows the plan on stdout, and changes nothing', async () => {
  const { code, stdout, stderr } = await create(['--dry-run', '--prod', '--password', 'managed'])
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('every 7 days') })
  expect(stdout).toMatch(/^Would make my-app-db:\n/)
  expect(stdout).toMatch(/^ {2}deletion {2}protected$/m)
  expect(await requests()).toEqual([])
})

test('with --json it is one object', async () => {
  const { code, stdout, stderr } = await create(['--yes', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'my-app-db',
    created: true,
    url: `postgres://my_approot:********@${HOST}:5432/my_app?sslmode=verify-full`,
    urlIs: 'written',
    plan: { database: { className: 'db.t4g.micro' }, cost: { running: 17.63, pricesAsOf: '2026-06-30' } },
  })
})

test('without a terminal and --yes nothing is made', async () => {
  const { code, stdout, stderr } = await create()
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('a month running')
  expect(stderr).toContain('add --yes')
  const json = await create(['--json'])
  expect(json.code).toBe(2)
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'NOT_CONFIRMED' } })
  expect(await requests()).toEqual([])
})

test('the security group is DB_SG_ID when none is named; one of the environment is warned of', async () => {
  project.write('.env', 'DB_SG_ID=sg-0123456789abcdef0\n')
  const { stderr } = await create(['--yes'], { env: { PROD_CONNECTION_URL: `postgres://me@${HOST}/app` } })
  expect(stderr).toContain('PROD_CONNECTION_URL is set in the environment')
  const [request] = await requests()
  expect(request?.params['VpcSecurityGroupIds.VpcSecurityGroupId.1']).toBe('sg-0123456789abcdef0')
  expect(settings()['DB_SG_ID']).toBe('sg-0123456789abcdef0')
})

test('a file that git would take is warned of before there is a password in it', async () => {
  execFileSync('git', ['init', '--quiet', project.path])
  const warning = `Warning: git does not ignore ${project.path}/.env: add .env to .gitignore.`
  expect((await create(['--dry-run'])).stderr).toContain(warning)
  expect((await create(['--dry-run', '--auth', 'iam'])).stderr).toBe('')
  project.write('.gitignore', '.env\n')
  expect((await create(['--dry-run'])).stderr).toBe('')
})

describe('mistakes', () => {
  const WRONG = [
    'my_db',
    '--class=micro',
    '--storage=3',
    '--port=http',
    '--user=admin',
    '--group=mine',
    '--zone=x',
    '--engine-version=17.4',
    '--backup-days=99',
    '--storage-type=ssd',
    '--database=user',
    '--subnet-group=a/b',
    '--auth=none',
    '--password=hunter2',
  ]

  test('are told all at once, before any call', async () => {
    const { code, stdout } = await create([...WRONG, '--yes', '--json'])
    expect(code).toBe(2)
    const { error } = JSON.parse(stdout) as { error: { code: string; details: { problems: unknown[] } } }
    expect(error.code).toBe('CREATE_INVALID')
    expect(error.details.problems).toHaveLength(WRONG.length)
    expect((await create([...WRONG, '--yes'])).stderr.match(/^ {2}\S/gm)).toHaveLength(WRONG.length)
    expect(await emulator.calls()).toEqual([])
  })

  test.each([
    ['--password', CORE],
    [`--password=${CORE}`],
    ['--yes', '--password', `${CORE} x`],
    ['--master-user-password', CORE],
    [`--pasword=${CORE}`],
    ['--password', CORE, 'my-db', 'too-many'],
    ['--password', 'stdin', '--password', CORE],
  ])('a password on the command line is not repeated: %j %j %j %j', async (...words) => {
    for (const [more, env] of [
      [[], { DEBUG: '*' }],
      [['--json'], {}],
    ] as const) {
      const { code, stdout, stderr } = await create(
        [...words.filter((word) => word !== undefined), ...more],
        { env },
      )
      expect(code).toBe(2)
      expect(`${stdout}${stderr}`).not.toContain(CORE)
    }
    expect(await emulator.calls()).toEqual([])
  })
})

describe('secrets', () => {
  const STDIN = ['--password', 'stdin', '--yes']

  /** Runs it with the password in its input; fails where anybody could have seen it. */
  async function run(words: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
    let watch: (() => string[]) | undefined
    let own = ''
    const result = await create([...STDIN, ...words], {
      env,
      input: `${PASSWORD}\n`,
      onStart: (pid) => {
        own = commandLine(pid)
        watch = watchDescendants(pid)
      },
    })
    for (const trace of [result.stdout, result.stderr, own, ...(watch?.() ?? [])])
      expect(trace).not.toContain(CORE)
    return result
  }

  const LOUD = [
    [[], { DEBUG: '*' }],
    [['--json'], { DEBUG: '*' }],
  ] as const

  test('a password from the input is sent once, and is in .env only', async () => {
    for (const [words, env] of LOUD) {
      await emulator.reset()
      project.write('.env', '')
      expect((await run(words, env)).code).toBe(0)
      const [request, ...others] = await requests()
      expect(others).toEqual([])
      expect(request?.params).toMatchObject({ MasterUserPassword: PASSWORD })
      expect(passwordIn(settings()['PROD_CONNECTION_URL'])).toBe(PASSWORD)
    }
  })

  test('nor does it come out of a call that fails, even where AWS repeats it', async () => {
    for (const [words, env] of LOUD) {
      const message = `The parameter MasterUserPassword (${PASSWORD}) is not valid.`
      await emulator.fault({ action: 'CreateDBInstance', error: 'InvalidParameterValue', message })
      const { code, stdout, stderr } = await run(words, env)
      expect(code).toBe(1)
      expect(`${stdout}${stderr}`).toContain('(********) is not valid')
      expect(settings()).toEqual({})
    }
  })

  test('nor one that was made up', async () => {
    await emulator.fault({ action: 'CreateDBInstance', drop: true, times: -1 })
    for (const [words, env] of LOUD) {
      const { code, stdout, stderr } = await create(['--yes', ...words], { env })
      expect(code).toBe(3)
      const password = passwordIn(settings()['PROD_CONNECTION_URL_PENDING'])
      expect(password).toHaveLength(32)
      expect(`${stdout}${stderr}`).not.toContain(password)
      expect(`${stdout}${stderr}`).toContain('cruddur rds create my-app-db --region eu-central-1')
    }
  }, 120_000)

  test('no password in the input is a mistake', async () => {
    const { code, stderr } = await create(STDIN)
    expect(code).toBe(2)
    expect(stderr).toContain('was not given')
    expect(await emulator.calls()).toEqual([])
  })
})

test('without waiting, it names the command that does, which finishes', async () => {
  await seeCreating(1)
  const first = await create(['--yes', '--no-wait'])
  const resume = 'cruddur rds create my-app-db --region eu-central-1'
  expect(first.code).toBe(0)
  expect(first.stdout).toBe(
    `my-app-db is creating.\nTo wait on, and to have PROD_CONNECTION_URL: ${resume}\n`,
  )
  const password = passwordIn(settings()['PROD_CONNECTION_URL_PENDING'])
  expect((await create(['my-app-db'])).stdout).toContain(
    `PROD_CONNECTION_URL in ${project.path}/.env leads there.`,
  )
  expect(passwordIn(settings()['PROD_CONNECTION_URL'])).toBe(password)
  expect(Object.keys(settings())).toEqual(['PROD_CONNECTION_URL'])
})

/** Whether RDS has been asked for an instance, and is being looked at again. */
async function isWaiting(): Promise<boolean> {
  const actions = (await emulator.calls()).map(({ action }) => action)
  const asked = actions.indexOf('CreateDBInstance')
  return asked !== -1 && actions.lastIndexOf('DescribeDBInstances') > asked
}

async function interruptWaiting(kill: (signal: NodeJS.Signals) => void): Promise<void> {
  await expect.poll(isWaiting, { timeout: 30_000 }).toBe(true)
  kill('SIGINT')
}

test('Ctrl-C ends the waiting with the command that takes it up', async () => {
  await seeCreating(-1)
  const { code, stderr } = await create(['--yes'], {
    onStart: (_, kill) => void interruptWaiting(kill),
  })
  expect(code).toBe(130)
  expect(stderr).toContain('AWS goes on by itself')
  expect(stderr).toContain('cruddur rds create my-app-db --region eu-central-1')
  expect(passwordIn(settings()['PROD_CONNECTION_URL_PENDING'])).toHaveLength(32)
})

/** Starts it in a terminal, does the work, and tells the exit code and all that was on the screen. */
async function inTerminal(
  words: readonly string[],
  work: (terminal: Terminal) => Promise<void>,
): Promise<{ code: number; screen: string }> {
  const terminal = await Terminal.start({
    command: [process.execPath, EXECUTABLE, 'rds', 'create', ...words],
    cwd: project.path,
    env: { HOME: project.path, LC_ALL: 'C.UTF-8', ...emulator.environment },
    columns: 160,
  })
  try {
    await work(terminal)
    return { code: await terminal.exitCode(), screen: await terminal.screen() }
  } finally {
    await terminal.stop()
  }
}

describe.skipIf(terminalMissing)(`on a terminal${terminalMissing ? ` (${terminalMissing})` : ''}`, () => {
  test.each([
    ['y', 0, 1],
    ['YES', 0, 1],
    ['n', 2, 0],
    ['', 2, 0],
    ['sure', 2, 0],
  ])('the plan is answered with %j', async (answer, code, made) => {
    const done = await inTerminal([], async (terminal) => {
      expect(await terminal.waitFor('Make it? [y/N]')).toContain('a month running')
      await terminal.enter(answer)
    })
    expect(done.code, done.screen).toBe(code)
    expect(await requests()).toHaveLength(made)
  })

  test('a password is asked for, and neither it nor its length is shown', async () => {
    const done = await inTerminal(['--password', 'stdin'], async (terminal) => {
      await terminal.waitFor('Password for the master user:')
      await terminal.type(`${PASSWORD}x`)
      await terminal.press('BSpace')
      expect((await terminal.screen()).trimEnd()).toMatch(/Password for the master user:$/)
      await terminal.press('Enter')
      await terminal.waitFor('Make it? [y/N]')
      await terminal.enter('y')
    })
    expect(done.code, done.screen).toBe(0)
    expect(done.screen).not.toContain(CORE)
    expect(passwordIn(settings()['PROD_CONNECTION_URL'])).toBe(PASSWORD)
  })

  test.each([
    ['C-c', 130, 'nothing was done'],
    ['C-d', 2, 'was not given'],
  ])('%s instead of a password: %i', async (key, code, said) => {
    const done = await inTerminal(['--password', 'stdin'], async (terminal) => {
      await terminal.waitFor('Password for the master user:')
      await terminal.press(key)
    })
    expect(done.code, done.screen).toBe(code)
    expect(done.screen).toContain(said)
    expect(await emulator.calls()).toEqual([])
  })
})
