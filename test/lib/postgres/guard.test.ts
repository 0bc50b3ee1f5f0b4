import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { createDatabase as create } from '../../../src/lib/postgres/create-database.ts'
import type { DatabaseVerbOptions } from '../../../src/lib/postgres/database-verb.ts'
import { dropDatabase } from '../../../src/lib/postgres/drop-database.ts'
import { killSessions } from '../../../src/lib/postgres/kill-sessions.ts'
import { databaseStatus } from '../../../src/lib/postgres/status.ts'
import { loadScript } from '../../../src/lib/script/load-script.ts'
import { setupDatabase } from '../../../src/lib/setup/setup-database.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import type { GuardQuestion } from '../../../src/lib/target/guard.ts'
import { createDatabase, runSql, type TestDatabase } from '../../support/database.ts'
import { failureOf } from '../../support/load.ts'
import { withProxy } from '../../support/proxy.ts'
import { createRole } from '../../support/role.ts'
import { scriptFolder } from '../../support/script-folder.ts'
import { TestSessions } from '../../support/test-sessions.ts'
import { expectUnchanged } from '../../support/unchanged.ts'

const MARK = "SET cruddur.environment = 'production'"

let database: TestDatabase

beforeEach(async () => {
  database = await createDatabase()
  await runSql(database.url, 'CREATE TABLE precious AS SELECT 1 AS n')
})
afterEach(() => database.drop())

const targetOf = (url: string) => parseConnectionUrl(url)
const mark = () => runSql(database.url, `ALTER DATABASE ${database.name} ${MARK}`)
const scripts = () => ({
  directory: scriptFolder({ 's.sql': 'CREATE TABLE loaded ();' }),
  scripts: ['s.sql'],
})
const setup = (options: DatabaseVerbOptions, production = false) => {
  const { directory, scripts: schema } = scripts()
  return setupDatabase({ ...options, directory, schema, seed: [], project: directory, production })
}

/** The verbs that change something, without what they need besides the target. */
const VERBS: Readonly<Record<string, (options: DatabaseVerbOptions) => Promise<unknown>>> = {
  drop: (options) => dropDatabase(options),
  'drop with force': (options) => dropDatabase({ ...options, force: true }),
  'load a script': (options) => loadScript({ ...options, ...scripts() }),
  'set up': (options) => setup(options),
  'set up with force': (options) => setup({ ...options, force: true } as DatabaseVerbOptions),
}

describe.each(Object.entries(VERBS))('to %s', (_, verb) => {
  test('what was asked for as production takes its name, or nothing is done', async () => {
    const protectedBecause = 'it was asked for as prod'
    const target = targetOf(database.url)
    await expectUnchanged(database.url, async () => {
      for (const confirm of [
        undefined,
        '',
        `${database.name} `,
        database.name.toUpperCase(),
        'postgres',
        'yes',
      ])
        expect(await failureOf(verb({ target, protectedBecause, confirm }))).toMatchObject({
          code: 'NOT_CONFIRMED',
          kind: 'refused',
          details: { database: database.name, reason: protectedBecause },
        })
    })
    await verb({ target, protectedBecause, confirm: database.name })
  })

  test('a marked database takes its name, whatever its URL looks like', async () => {
    await mark()
    await withProxy(database.url, {}, (tunnel) =>
      expectUnchanged(database.url, async () => {
        expect(new URL(tunnel).hostname).toBe('127.0.0.1')
        expect(await failureOf(verb({ target: targetOf(tunnel) }))).toMatchObject({
          code: 'NOT_CONFIRMED',
          details: { reason: 'it bears the mark cruddur.environment = production' },
        })
      }),
    )
    await verb({ target: targetOf(database.url), confirm: database.name })
  })

  test('the mark cannot be hidden by options of the connection or settings of the role', async () => {
    await mark()
    const role = await createRole('SUPERUSER')
    await runSql(database.url, `ALTER ROLE ${role.name} SET cruddur.environment = 'test'`)
    await runSql(
      database.url,
      `ALTER ROLE ${role.name} IN DATABASE ${database.name} SET cruddur.environment = 'test'`,
    )
    const options = encodeURIComponent('-c cruddur.environment=test')
    const url = `${role.urlOf(database.url)}?options=${options}`
    const [row] = await runSql(url, 'SHOW cruddur.environment')
    expect(row).toEqual({ 'cruddur.environment': 'test' })
    await expectUnchanged(database.url, async () => {
      expect(await failureOf(verb({ target: targetOf(url) }))).toMatchObject({ code: 'NOT_CONFIRMED' })
    })
  })
})

test('ending sessions of a marked database takes its name', async () => {
  await mark()
  const target = targetOf(database.url)
  const sessions = new TestSessions(database.url)
  const { processId } = await sessions.open('SELECT 1')
  const present = () => runSql(inject('serverUrl'), `SELECT FROM pg_stat_activity WHERE pid = ${processId}`)
  for (const choice of [{ all: true }, { pids: [processId] }, { idleInTransaction: 0, pids: [processId] }])
    expect(await failureOf(killSessions({ target, ...choice }))).toMatchObject({ code: 'NOT_CONFIRMED' })
  // Those that were refused leave without being waited for.
  const ended = async () =>
    (await killSessions({ target, all: true, dryRun: true })).ended.map(({ pid }) => pid)
  await expect.poll(ended).toEqual([processId])
  expect(await present()).toHaveLength(1)
  await killSessions({ target, all: true, confirm: database.name })
  expect(await present()).toEqual([])
})

test.each([
  ['a role that has it in this database only', () => createRoleWithMark()],
  ['other letters', () => alter("SET cruddur.environment = 'PRODUCTION'")],
  ['a line of the comment', () => comment('Ours.\ncruddur.environment = production\nCall us.')],
])('a mark is also %s', async (_, set) => {
  await set()
  expect(await failureOf(dropDatabase({ target: targetOf(database.url) }))).toMatchObject({
    code: 'NOT_CONFIRMED',
  })
})

test.each([
  ['of another database', () => createMarked()],
  ['with another value', () => alter("SET cruddur.environment = 'production-like'")],
  ['in a comment that only speaks of it', () => comment('not cruddur.environment = production')],
])('a mark %s does not protect', async (_, set) => {
  await set()
  expect(await dropDatabase({ target: targetOf(database.url) })).toMatchObject({ dropped: true })
})

const alter = (what: string) => runSql(database.url, `ALTER DATABASE ${database.name} ${what}`)
const comment = (text: string) => runSql(database.url, `COMMENT ON DATABASE ${database.name} IS '${text}'`)
const createMarked = async () => {
  const other = await createDatabase()
  onTestFinished(() => other.drop())
  await runSql(other.url, `ALTER DATABASE ${other.name} ${MARK}`)
}
const createRoleWithMark = async () => {
  const { name } = await createRole()
  await runSql(database.url, `ALTER ROLE ${name} IN DATABASE ${database.name} ${MARK}`)
}

test('the mark survives the setup of production, and a drop and create of it', async () => {
  const target = targetOf(database.url)
  const isMarked = async () => (await databaseStatus({ target })).production
  const confirm = database.name
  await setup({ target, protectedBecause: 'it was asked for as prod', confirm }, true)
  expect(await isMarked()).toBe(true)
  await setup({ target, confirm })
  expect(await isMarked()).toBe(true)
  await dropDatabase({ target, confirm })
  await create({ target, production: true })
  expect(await isMarked()).toBe(true)
  expect(await create({ target })).toMatchObject({ created: false, production: true })
})

test('who is asked sees what would be hit, and may answer late or not at all', async () => {
  await mark()
  const sessions = new TestSessions(database.url)
  await sessions.open('SELECT 1')
  const questions: GuardQuestion[] = []
  const target = targetOf(database.url)
  const ask = async (question: GuardQuestion) => {
    questions.push(question)
    return undefined
  }
  expect(await failureOf(dropDatabase({ target, confirm: ask }))).toMatchObject({ code: 'NOT_CONFIRMED' })
  const [row] = await runSql(database.url, `SELECT pg_database_size('${database.name}')::text AS bytes`)
  expect(questions).toEqual([
    {
      action: 'drop',
      reason: 'it bears the mark cruddur.environment = production',
      facts: {
        host: target.host,
        port: target.port,
        serverAddress: expect.any(String),
        database: database.name,
        owner: target.user,
        bytes: Number(row?.['bytes']),
        sessions: 1,
      },
    },
  ])
  await sessions.end()
})

const askNobody = () => Promise.reject(new Error('it was asked'))

test('without a mark and a word nothing is asked', async () => {
  const target = targetOf(database.url)
  await loadScript({ target, confirm: askNobody, ...scripts() })
  await dropDatabase({ target, confirm: askNobody })
})
