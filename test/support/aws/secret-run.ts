import { chmodSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { parseEnv } from 'node:util'
import { CreateDBSnapshotCommand, RDSClient, StopDBInstanceCommand } from '@aws-sdk/client-rds'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { withProject } from '../cli.ts'
import { type ManifestCommand, readManifest } from '../manifest.ts'
import { expectNoSecret, tracedRun, type TracedRun } from '../traced-run.ts'
import type { AwsEmulator } from './emulator.ts'
import { makeInstance } from './instance.ts'
import { makeSecurityGroup } from './security-group.ts'
import { testAwsSession } from './session.ts'

// Runs of the commands of `rds` with secrets that are known to the test.

/** Where one of these stands, its secret stands, however much of it was encoded or escaped on the way. */
export const CORE = {
  url: 'Zq7Url',
  stdin: 'Zq7Stdin',
  key: 'Zq7Key',
  token: 'Zq7Token',
  /** Of the password that the emulator makes for a managed master user. */
  managed: '55w0rd',
}
/** The password of PROD_CONNECTION_URL. */
export const URL_PASSWORD = `${CORE.url}p@s/s#w?%41 'x"\\é:$&${CORE.url}`
/** What RDS takes, as others than we would encode it. */
export const STDIN_PASSWORD = `#?%41:&=$${CORE.stdin}`
/** The credentials of AWS. */
export const ACCESS_KEY = { secret: `k/+${CORE.key}=="`, token: `//t+${CORE.token}/=='x'` }

/** All commands of the topic; a new one is among them by itself. */
export const COMMANDS = readManifest().filter(({ words }) => words[0] === 'rds')

const ID = 'app-db'
/** A snapshot that there is. */
export const SNAPSHOT = 'app-db-mine'
const HOST = `${ID}.aaaaaaaaaa.eu-central-1.rds.amazonaws.com`

/** What a command needs besides the database that .env leads to. All others run as they are. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'rds:create': ['new-db', '--force'],
  'rds:restore': [SNAPSHOT],
  'rds:stop': ['--keep'],
}

/** As it is typed where nobody can be asked. */
export function wordsFor({ id, words, flags }: ManifestCommand): string[] {
  return [
    ...words,
    ...(ARGUMENTS[id] ?? []),
    ...('yes' in flags ? ['--yes'] : []),
    ...('confirm' in flags ? ['--confirm', ID] : []),
  ]
}

/** What keeps it from waiting. */
export const noWait = ({ flags }: ManifestCommand) => ('wait' in flags ? ['--no-wait'] : [])

/** How loud a command is told to be. All of them can be. */
export const SETTINGS = [
  { words: [], env: { DEBUG: '*' } },
  { words: ['--json'], env: { DEBUG: '*' } },
] as const

/** Each of them for the first of several ways, and for the others one of them in turn: what differs is only the message. */
export function settingsOf(way: number): readonly (typeof SETTINGS)[number][] {
  return SETTINGS.filter((_, index) => way === 0 || way % SETTINGS.length === index)
}

/** How a secret comes to a command. */
export interface Way {
  words?: readonly string[]
  env?: Record<string, string>
  /** The `.env` of the project. */
  file?: string
  input?: string
  /** Whether Secrets Manager keeps the password of the database. */
  managed?: boolean
}

/** The connection URL of the database with this password in it, as it stands. */
export const urlWith = (password: string) =>
  `postgres://cruddurroot:${password}@${HOST}:5432/app?sslmode=verify-full`
/** Only what must be is encoded, and in lower case, as people write it. */
const sparinglyEncoded = URL_PASSWORD.replace(/[@/#?%\s"]/g, (one) => encodeURIComponent(one).toLowerCase())
/** The way that most people go. */
export const IN_FILE: Way = { file: `PROD_CONNECTION_URL=${urlWith(sparinglyEncoded)}\n` }
/** The same, and another password in the input. */
export const FROM_STDIN: Way = {
  ...IN_FILE,
  words: ['--password', 'stdin'],
  input: `${STDIN_PASSWORD}\n`,
}

const WAYS: Readonly<Record<string, Way>> = {
  'PROD_CONNECTION_URL in .env': IN_FILE,
  'PROD_CONNECTION_URL in the environment': {
    env: { PROD_CONNECTION_URL: urlWith(encodeURIComponent(URL_PASSWORD)) },
  },
  'Secrets Manager': { ...IN_FILE, managed: true },
}

/** The ways in which secrets come to a command, with their names. */
export function waysOf({ id, flags }: ManifestCommand): [string, Way][] {
  return [
    ...Object.entries(WAYS),
    ...('password' in flags ? [['the input', FROM_STDIN] as [string, Way]] : []),
    ...(id === 'rds:create'
      ? [['--password managed', { words: ['--password', 'managed'] }] as [string, Way]]
      : []),
    ...('iam' in flags ? [['--iam', { ...IN_FILE, words: ['--iam'] }] as [string, Way]] : []),
  ]
}

/** What is there before each run: a database, a snapshot of it, and what the command is to change about them. */
export async function prepare(
  emulator: AwsEmulator,
  { id }: ManifestCommand,
  { managed }: Way,
): Promise<void> {
  await emulator.reset()
  await makeInstance(emulator, ID, {
    DBName: 'app',
    VpcSecurityGroupIds: [await makeSecurityGroup(emulator)],
    PubliclyAccessible: true,
    EnableIAMDatabaseAuthentication: true,
    ...(managed && { ManageMasterUserPassword: true, MasterUserPassword: undefined }),
  })
  const rds = new RDSClient(testAwsSession(emulator).clientOptions)
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: ID, DBSnapshotIdentifier: SNAPSHOT }))
  if (id === 'rds:start') await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: ID }))
  rds.destroy()
}

/** The only program that these commands start; it runs for long enough to be seen, and knows no repository. */
const SLOW_GIT = '#!/bin/sh\nsleep 0.2\nexit 128\n'

export interface SecretRun extends TracedRun {
  /** The passwords in .env afterwards. */
  kept: string[]
}

/** Runs a command in a project of its own, with secrets wherever they come from. */
export function run(
  emulator: AwsEmulator,
  words: readonly string[],
  way: Way,
  env: Record<string, string> = {},
): Promise<SecretRun> {
  const files = { 'package.json': '{"name":"app"}', '.env': way.file ?? '', 'bin/git': SLOW_GIT }
  return withProject(files, async ({ path }) => {
    chmodSync(join(path, 'bin/git'), 0o755)
    const done = await tracedRun([...words, ...(way.words ?? [])], {
      directory: path,
      env: {
        HOME: path,
        PATH: `${join(path, 'bin')}${delimiter}${process.env['PATH']}`,
        ...emulator.environment,
        AWS_SECRET_ACCESS_KEY: ACCESS_KEY.secret,
        AWS_SESSION_TOKEN: ACCESS_KEY.token,
        GITPOD_IP: '5.6.7.8',
        ...way.env,
        ...env,
      },
      input: way.input ?? '',
      secretFiles: ['.env'],
      secretsOnArgv: words.some((word) => word.includes(CORE.url)),
    })
    return { ...done, kept: passwordsIn(readFileSync(join(path, '.env'), 'utf8')) }
  })
}

function passwordsIn(file: string): string[] {
  const urls = Object.values(parseEnv(file)).filter((value) => value?.startsWith('postgres://'))
  return urls.flatMap((url = '') => {
    try {
      return parseConnectionUrl(url).password ?? []
    } catch {
      return []
    }
  })
}

/** The passwords that AWS was given. */
const sent = async (emulator: AwsEmulator) =>
  (await emulator.calls()).flatMap(({ params }) => params['MasterUserPassword'] ?? [])

/**
 * Fails where any of the secrets has come out, also one that the command has made up itself: it looks the same however it is
 * encoded.
 */
export async function expectNoSecrets(emulator: AwsEmulator, done: SecretRun, what: string): Promise<void> {
  const generated = [...done.kept, ...(await sent(emulator))].filter((one) => /^[\w-]{32}$/.test(one))
  expectNoSecret(done, [...Object.values(CORE), ...generated], what)
}

/** What a person has seen. */
export const shown = ({ traces }: TracedRun) => `${traces.stdout}${traces.stderr}`
