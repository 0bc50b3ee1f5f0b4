import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import type { Connection } from '../../src/lib/postgres/connection.ts'
import { query } from '../../src/lib/postgres/query.ts'
import { listSessions } from '../../src/lib/postgres/sessions.ts'
import { embeddedTarget } from '../../src/lib/server/server-info.ts'
import { startServer } from '../../src/lib/server/start.ts'
import { type AwsEmulator, EMULATOR_START_TIMEOUT, startAwsEmulator } from '../support/aws/emulator.ts'
import { TestLambda } from '../support/aws/lambda.ts'
import { makeInstance } from '../support/aws/instance.ts'
import { makeSecurityGroup } from '../support/aws/security-group.ts'
import { cruddur, type CliResult } from '../support/cli.ts'
import { withDatabase } from '../support/database.ts'
import { CACHE } from '../support/embedded-postgres.ts'
import {
  codeBlocks,
  cruddurCommands,
  documentedCommands,
  readDocument,
  ROOT,
  tableRows,
} from '../support/markdown.ts'
import { sharedServerProject, type ServerProject } from '../support/server-project.ts'

// What the README shows is what comes: its commands are run in a fresh project, and what it prints of them is compared.

const README = readDocument('README.md')
const RDS = readDocument('docs/rds.md')
const LAYER = readDocument('docs/layer.md')

/**
 * What needs another server, a process that is not there, or goes on until Ctrl-C; what is run for its object; and what needs
 * Docker, which the tests of the examples do.
 */
const NOT_HERE =
  /(?:^| )(?:prod|--prod|--url|--follow|--help|--json|--import)(?: |$)|kill(?: \d+)?$|^layer invoke/

/** After these there is no database to look at. */
const SPOILS = /^db (?:drop|server stop)/

/** As the emulator names its hosts. */
const PROD =
  'postgres://cruddurroot:not-a-secret-1@cruddur-db.aaaaaaaaaa.eu-central-1.rds.amazonaws.com:5432/cruddur'

let project: ServerProject
let aws: AwsEmulator
/** Whether the project's database is there. */
let ready = false

beforeAll(async () => {
  aws = await startAwsEmulator()
  project = await sharedServerProject('cruddur')
  const { projectRoot } = project
  cpSync(join(ROOT, 'db'), join(projectRoot, 'db'), { recursive: true })
  writeFileSync(join(projectRoot, 'package.json'), '{"name":"cruddur"}')
  writeFileSync(join(projectRoot, 'db/demo.sql'), 'SELECT 1;\n')
  writeFileSync(join(projectRoot, 'fix.sql'), 'SELECT 1;\n')
  writeFileSync(join(projectRoot, 'dump.sql.gz'), gzipSync('SELECT 1;\n'))
}, EMULATOR_START_TIMEOUT)
afterAll(async () => {
  await aws?.stop()
  await project?.remove()
})

async function run(words: readonly string[]): Promise<CliResult> {
  if (words[0] === 'rds') return runOnRds(words)
  if (words[0] === 'layer') return runOnLayers(words)
  const { projectRoot, scratch } = project
  const result = await cruddur(words, {
    directory: projectRoot,
    env: { HOME: scratch },
    input: 'SELECT 1;\n',
  })
  ready = !SPOILS.test(words.join(' '))
  return result
}

/** Runs a command of the topic layer where functions are, and a layer has been built; for those about AWS it is published. */
async function runOnLayers(words: readonly string[]): Promise<CliResult> {
  const { projectRoot, scratch } = project
  const env = { ...aws.environment, HOME: scratch, XDG_CACHE_HOME: CACHE }
  const layer = (given: readonly string[]) => cruddur(given, { directory: projectRoot, env })
  mkdirSync(join(projectRoot, 'functions/post-confirmation'), { recursive: true })
  writeFileSync(
    join(projectRoot, 'functions/post-confirmation/app.py'),
    'def handler(event, context): return event\n',
  )
  writeFileSync(join(projectRoot, 'requirements.txt'), 'psycopg2-binary\n')
  await aws.reset()
  if (words[1] === 'build') return layer(words)
  await layer(['layer', 'build', '--arch', 'arm64', '--name', 'psycopg2-py313-arm64'])
  const lambda = new TestLambda(aws)
  for (const name of ['post-confirmation', 'task-processor']) await lambda.makeFunction(name)
  if (words[1] === 'attach' || words[1] === 'list') await layer(['layer', 'publish'])
  return layer(words)
}

/** Runs a command of the topic rds where there is a database that production is on, and a snapshot of it. */
async function runOnRds(words: readonly string[]): Promise<CliResult> {
  const { projectRoot, scratch } = project
  await aws.reset()
  await makeInstance(aws, 'cruddur-db', {
    DBName: 'cruddur',
    EnableIAMDatabaseAuthentication: true,
    PubliclyAccessible: true,
    VpcSecurityGroupIds: [await makeSecurityGroup(aws)],
  })
  const options = { directory: projectRoot, env: { ...aws.environment, HOME: scratch, GITPOD_IP: '5.6.7.8' } }
  const envFile = join(projectRoot, '.env')
  // Who makes one has none yet.
  if (words[1] !== 'create') writeFileSync(envFile, `PROD_CONNECTION_URL=${PROD}\n`, { mode: 0o600 })
  try {
    if (words[1] === 'restore')
      await cruddur(['rds', 'snapshot', 'create', '--name', words[2] ?? ''], options)
    return await cruddur(words, { ...options, input: 'a-password-of-mine\n' })
  } finally {
    rmSync(envFile, { force: true })
  }
}

/** Runs a command where the database has been set up. */
async function runInReadyProject(words: readonly string[]): Promise<CliResult> {
  if (!ready) expect((await run(['db', 'setup'])).code).toBe(0)
  return run(words)
}

/**
 * Numbers, times and places differ from run to run, and so does how wide a column is; and a slow machine says that it
 * has begun with something.
 */
function comparable(text: string): string {
  return text
    .replace(/^.* …\n/gm, '')
    .replace(/\S*\/\.cruddur/g, '.cruddur')
    .replace(/\b(?:\d+m )?\d[\d.]* (?:ms|s)\b/g, 'a moment')
    .replace(/\d[\d.,]*/g, '0')
    .replace(/ +$/gm, '')
    .replace(/ {2,}/g, '  ')
    .trim()
}

/** The commands of a console block, each with the output that is shown below it. */
function shown(lines: readonly string[]): { words: string[]; output: string }[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []))
  return starts.map((start, number) => ({
    words: cruddurCommands(lines[start] ?? '').flat(),
    output: lines.slice(start + 1, starts[number + 1]).join('\n'),
  }))
}

const CONSOLES = codeBlocks(README)
  .filter(({ language }) => language === 'console')
  .map(({ lines }) => ({ title: (lines[0] ?? '').slice(2), parts: shown(lines) }))

/** What must be there for a picture: for some, nothing. */
const SCENES: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  async 'cruddur db seed --file fix.sql'() {
    writeFileSync(join(project.projectRoot, 'fix.sql'), 'SELECT 1;\nSELECT nope FROM users;\n')
    return async () => writeFileSync(join(project.projectRoot, 'fix.sql'), 'SELECT 1;\n')
  },
  'cruddur db sessions': blockedSession,
}

/** An open transaction that has read a table, and behind it somebody who wants to change the table. */
async function blockedSession(): Promise<() => Promise<void>> {
  const target = embeddedTarget(await startServer(project), 'cruddur')
  const open = (applicationName: string): Promise<Connection> => connect(target, { applicationName })
  const [web, deploy] = [await open('web'), await open('deploy')]
  await query(web, 'BEGIN')
  await query(web, 'SELECT count(*) FROM users;')
  const waiting = query(deploy, 'ALTER TABLE users ADD COLUMN bio text').catch(() => undefined)
  while ((await listSessions({ target })).every(({ waitsFor }) => waitsFor === undefined));
  return async () => {
    await query(web, 'ROLLBACK')
    await waiting
    await Promise.all([web.close(), deploy.close()])
  }
}

test('the first picture is that of a setup on a bare machine', () => {
  expect(CONSOLES[0]?.title).toBe('cruddur db setup')
})

test.for(CONSOLES)('the terminal shows what the README does: $title', async ({ title, parts }) => {
  const leave = await SCENES[title]?.()
  try {
    for (const { words, output } of parts) {
      const { stdout, stderr } = await run(words)
      expect(comparable(`${stderr}${stdout}`)).toBe(comparable(output))
    }
  } finally {
    await leave?.()
  }
})

const RUNNABLE = [
  ...new Set([README, RDS, LAYER].flatMap(documentedCommands).map((words) => words.join('\0'))),
]
  .map((line) => line.split('\0'))
  .filter((words) => !NOT_HERE.test(words.join(' ')))

test.for(RUNNABLE.map((words) => ({ words, line: words.join(' ') })))(
  'cruddur $line does what it is for',
  async ({ words }) => {
    const { code, stderr } = await runInReadyProject(words)
    expect(code, stderr).toBe(0)
  },
)

/** The rows of the table of what `--json` brings: commands, and the fields that are said of them. */
const JSON_ROWS = [README, RDS, LAYER]
  .flatMap(tableRows)
  .filter(([first = '']) => first.includes('--json`'))
  .flatMap(([first = '', second = '']) =>
    first
      .split(', ')
      .flatMap((span) => cruddurCommands(span.replaceAll('`', '')))
      .map((words) => ({
        line: words.join(' '),
        words,
        fields: [...second.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
      })),
  )

test.for(JSON_ROWS)('the fields of cruddur $line are those in the table', async ({ words, fields }) => {
  const { code, stdout } = await runInReadyProject(words)
  expect(code).toBe(0)
  const result = JSON.parse(stdout) as Record<string, unknown>
  // What is not known is left out; and of db server status the table says only so much.
  const known = words.join(' ') === 'db server status --json' ? ['state'] : Object.keys(result)
  expect(known.filter((name) => !fields.includes(name))).toEqual([])
  expect(fields).toContain(Object.keys(result)[0])
})

test('the example of the library runs', () =>
  withDatabase(async (url) => {
    const example = codeBlocks(README).find(({ language }) => language === 'js')
    const source = example?.lines.join('\n') ?? ''
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', source],
      {
        cwd: ROOT,
        env: { ...process.env, CONNECTION_URL: url },
      },
    )
    const [first, second = ''] = stdout.trim().split('\n')
    expect(first).toBe('loaded')
    expect(JSON.parse(second)).toEqual([{ handle: 'andrewbrown' }])
  }))
