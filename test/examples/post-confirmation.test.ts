import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { cruddur } from '../support/cli.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { containerUrl, startContainerPostgres } from '../support/layer/container-postgres.ts'
import { ExampleLayers, exampleFolder } from '../support/layer/example-layer.ts'
import {
  IMAGES_TIMEOUT,
  lambdaImages,
  requireDocker,
  type StandInArchitecture,
  type StandInPython,
} from '../support/layer/images.ts'
import { type ExampleCall, invokeExample } from '../support/layer/invoke-example.ts'
import { testFolder } from '../support/layer/layer-files.ts'
import { ROOT } from '../support/markdown.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { installCertificate, TLS_SETTINGS, TlsFiles } from '../support/tls-files.ts'

// The function in its runtime's image, with a layer that `cruddur layer build` has made, and a server that is real.

const FOLDER = exampleFolder('post-confirmation')
const EVENT = JSON.parse(readFileSync(join(FOLDER, 'event.json'), 'utf8')) as CognitoEvent
const SCHEMA = readFileSync(join(ROOT, 'db/schema.sql'), 'utf8')
const USERS = 'SELECT display_name, email, handle, cognito_user_id FROM public.users ORDER BY handle'
const ADA = {
  display_name: 'Ada Lovelace',
  email: 'ada@cruddur.example',
  handle: 'ada',
  cognito_user_id: '0b4c6f0e-5a3c-4f0e-9d53-6f1d0e1f2a3b',
}

interface CognitoEvent {
  triggerSource: string
  request: { userAttributes: Record<string, string> }
}

let server: PostgresServer
let tls: TlsFiles
let layers: ExampleLayers
let database: TestDatabase

beforeAll(async () => {
  layers = new ExampleLayers()
  tls = new TlsFiles()
  await lambdaImages('3.11', '3.13')
  await tls.authority('trusted')
  await tls.authority('other')
  const name = 'host.docker.internal'
  const certificate = await tls.certificate({
    commonName: name,
    names: [`DNS:${name}`],
    signedBy: 'trusted',
  })
  server = await startContainerPostgres({
    settings: TLS_SETTINGS,
    hba: ['hostnossl all only_tls all reject'],
    prepare: (directory, user) => installCertificate(certificate, directory, user),
  })
  await runSql(server.url, "CREATE ROLE only_tls LOGIN SUPERUSER PASSWORD 'the-password'")
}, IMAGES_TIMEOUT)
afterAll(async () => {
  layers.remove()
  tls.remove()
  await server?.stop()
})
beforeEach(async ({ skip }) => {
  requireDocker(skip)
  database = await createDatabase(server.url)
  onTestFinished(() => database.drop())
  await runSql(database.url, SCHEMA)
})

const eventWith = (attributes: Record<string, string | undefined>): CognitoEvent =>
  JSON.parse(
    JSON.stringify({
      ...EVENT,
      request: { userAttributes: { ...EVENT.request.userAttributes, ...attributes } },
    }),
  ) as CognitoEvent

interface Invocation extends Partial<ExampleCall> {
  python?: StandInPython
  architecture?: StandInArchitecture
  skip: (reason: string) => void
}

async function invoke({ skip, ...call }: Invocation) {
  const layer = await layers.build(call.python ?? '3.13', call.architecture ?? 'x86_64', skip)
  return invokeExample({ folder: FOLDER, event: EVENT, layer, url: containerUrl(database.url), ...call })
}

/** What may be in no log and no error: what the event says of a person, and the parts of the URL. */
function expectNothingTold(told: string, event: CognitoEvent = EVENT, url = containerUrl(database.url)) {
  const { sub, name, email, preferred_username: handle } = event.request.userAttributes
  const { password, hostname, port, pathname } = new URL(url)
  const said = told.toLowerCase()
  for (const word of [sub, name, email, url, password, hostname, `:${port}`, pathname.slice(1)])
    if (word) expect(said).not.toContain(word.toLowerCase())
  // Short: it may be part of a word.
  if (handle) expect(said.split(/\W+/)).not.toContain(handle.toLowerCase())
}

describe.for<[StandInPython, StandInArchitecture]>([
  ['3.13', 'x86_64'],
  ['3.11', 'x86_64'],
  ['3.13', 'arm64'],
])('python %s on %s', ([python, architecture]) => {
  test('the user gets a row, once, and Cognito its event back', async ({ skip }) => {
    const first = await invoke({ python, architecture, skip })
    expect(first).toMatchObject({ answer: EVENT, error: undefined, log: 'The user was stored.\n' })
    const again = await invoke({ python, architecture, skip })
    expect(again).toMatchObject({ answer: EVENT, log: 'The user had been stored before.\n' })
    expect(await runSql(database.url, USERS)).toEqual([ADA])
  }, 240_000)
})

test('as it is typed: layer build, layer verify, layer invoke', async ({ skip }) => {
  const layer = await layers.build('3.13', 'x86_64', skip)
  expect(await cruddur(['layer', 'verify', layer])).toMatchObject({ code: 0 })
  const words = ['layer', 'invoke', FOLDER, '--handler', 'app.handler', '--arch', 'x86_64', '--layer', layer]
  const { code, stdout, stderr } = await cruddur(
    [...words, '--event', join(FOLDER, 'event.json'), '--env', 'CONNECTION_URL', '--timeout', '20s'],
    { env: { CONNECTION_URL: containerUrl(database.url) } },
  )
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('The user was stored.') as string,
  })
  expect(JSON.parse(stdout)).toEqual(EVENT)
  expect(await runSql(database.url, USERS)).toEqual([ADA])
})

test.for([
  ['a handle', { preferred_username: 'ADA', email: 'other@cruddur.example' }, 'users_handle_lower_key'],
  ['the same handle', { email: 'other@cruddur.example' }, 'users_handle_key'],
  ['an address', { preferred_username: 'other', email: 'Ada@cruddur.example' }, 'users_email_lower_key'],
] as const)(
  '%s that somebody else has is an error, which tells nobody whose',
  async ([, attributes, constraint], { skip }) => {
    expect((await invoke({ skip })).error).toBeUndefined()
    const event = eventWith({ sub: '11111111-2222-4333-8444-555555555555', name: 'Somebody', ...attributes })
    const { error, told, log } = await invoke({ skip, event })
    expect(error).toEqual({
      type: 'DatabaseFailure',
      message: `The user was not stored: UniqueViolation 23505 (${constraint})`,
    })
    expect(log).toBe('')
    expectNothingTold(told, event)
    expectNothingTold(told)
    expect(await runSql(database.url, USERS)).toEqual([ADA])
  },
)

test('a repeated event finds its user although the handle was changed meanwhile', async ({ skip }) => {
  await invoke({ skip })
  await runSql(database.url, "UPDATE public.users SET handle = 'countess'")
  expect(await invoke({ skip })).toMatchObject({ answer: EVENT, log: 'The user had been stored before.\n' })
  expect(await runSql(database.url, USERS)).toEqual([{ ...ADA, handle: 'countess' }])
})

test('what a person writes stays a value', async ({ skip }) => {
  const name = `'); DROP TABLE public.users; -- %s %(email)s "é😀\\`
  expect((await invoke({ skip, event: eventWith({ name }) })).error).toBeUndefined()
  expect(await runSql(database.url, USERS)).toEqual([{ ...ADA, display_name: name }])
})

test('a value that the table refuses is an error, and not repeated', async ({ skip }) => {
  const event = eventWith({ email: 'no-address-at-all' })
  const { error, told } = await invoke({ skip, event })
  expect(error?.message).toBe('The user was not stored: CheckViolation 23514 (users_email_check)')
  expectNothingTold(told, event)
  expect(await runSql(database.url, USERS)).toEqual([])
})

test('a user without an attribute is an error with its name', async ({ skip }) => {
  const event = eventWith({ preferred_username: undefined, name: '' })
  const { error, told } = await invoke({ skip, event })
  expect(error).toEqual({
    type: 'EventError',
    message: 'The user has no name, preferred_username: the user pool must require these attributes.',
  })
  expectNothingTold(told, event)
  expect(await runSql(database.url, USERS)).toEqual([])
})

test('a password that was reset concerns no database', async ({ skip }) => {
  const event = { ...EVENT, triggerSource: 'PostConfirmation_ConfirmForgotPassword' }
  expect(await invoke({ skip, event, url: undefined })).toMatchObject({ answer: event, log: '' })
  expect(await runSql(database.url, USERS)).toEqual([])
})

describe('without a connection', () => {
  test('CONNECTION_URL is missing', async ({ skip }) => {
    const { error } = await invoke({ skip, url: undefined })
    expect(error).toEqual({
      type: 'DatabaseFailure',
      message: 'The environment variable CONNECTION_URL is not set.',
    })
  })

  test.for([
    ['postgres://postgres:very-secret@host.docker.internal:port/cruddur', 'invalid integer value "…"'],
    ['very-secret', 'is no connection URL'],
    ['postgres://postgres:very-secret@[::1/cruddur', 'is no connection URL'],
    ['postgres://postgres:very-secret@host.docker.internal/cruddur?sslmod=require', 'is no connection URL'],
    [
      'postgres://postgres:very-secret@host.docker.internal/cruddur?sslmode=maybe',
      'invalid sslmode value: "…"',
    ],
    ['postgres://postgres:very-secret@no-such-host.invalid/cruddur', 'could not translate host name "…"'],
  ] as const)('%s', async ([url, message], { skip }) => {
    const { error, told } = await invoke({ skip, url })
    expect(error?.type).toBe('DatabaseFailure')
    expect(error?.message).toContain(message)
    expect(told).not.toMatch(/very-secret|no-such-host|host\.docker|postgres:/)
  })

  test('the password is wrong', async ({ skip }) => {
    const url = containerUrl(database.url).replace(/:[^:@]*@/, ':very-secret@')
    const { error, told } = await invoke({ skip, url })
    expect(error?.message).toBe('Cannot connect: FATAL:  password authentication failed for user "…"')
    expectNothingTold(told, EVENT, url)
  })

  test('nobody listens', async ({ skip }) => {
    const url = new URL(containerUrl(database.url))
    url.port = String(await freePort())
    const { error, told } = await invoke({ skip, url: url.href })
    expect(error?.message).toBe('Cannot connect: Connection refused')
    expectNothingTold(told, EVENT, url.href)
  })
})

/** The function with the root's certificate beside it, as it is deployed. */
function withRoot(authority: 'trusted' | 'other'): string {
  const folder = join(testFolder(), 'post-confirmation')
  mkdirSync(folder)
  cpSync(FOLDER, folder, { recursive: true })
  cpSync(tls.path(`${authority}.crt`), join(folder, 'root.crt'))
  return folder
}
const urlWith = (query: string): string => {
  const url = new URL(containerUrl(database.url))
  url.username = 'only_tls'
  url.password = 'the-password'
  return `${url.href}?${query}`
}

describe('TLS is as the URL says', () => {
  const VERIFIED = 'sslmode=verify-full&sslrootcert=/var/task/root.crt'

  test('verified', async ({ skip }) => {
    const { error } = await invoke({ skip, folder: withRoot('trusted'), url: urlWith(VERIFIED) })
    expect(error).toBeUndefined()
    expect(await runSql(database.url, USERS)).toEqual([ADA])
  })

  test("somebody else's certificate is refused", async ({ skip }) => {
    const { error } = await invoke({ skip, folder: withRoot('other'), url: urlWith(VERIFIED) })
    expect(error?.message).toContain('certificate verify failed')
    expect(await runSql(database.url, USERS)).toEqual([])
  })

  test('a server that wants TLS refuses who has switched it off', async ({ skip }) => {
    const { error, told } = await invoke({ skip, url: urlWith('sslmode=disable') })
    expect(error?.message).toMatch(/^Cannot connect: FATAL: {2}pg_hba\.conf rejects connection/)
    expect(told).not.toMatch(/only_tls|172\.\d+\.|the-password/)
  })
})

test('without the layer it says what is missing', async () => {
  const url = containerUrl(database.url)
  const { error } = await invokeExample({ folder: FOLDER, event: EVENT, layer: undefined, url })
  expect(error).toEqual({
    type: 'Runtime.ImportModuleError',
    message: "Unable to import module 'app': No module named 'psycopg2'",
  })
})
