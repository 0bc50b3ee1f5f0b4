import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { databaseStatus } from '../../../src/lib/postgres/status.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { runSql, urlOfDatabase } from '../../support/database.ts'
import { failureOf, scriptErrorOf } from '../../support/load.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { createRole } from '../../support/role.ts'
import { SetupProject } from '../../support/setup.ts'
import { TestSessions } from '../../support/test-sessions.ts'
import { expectNoSessions, expectUnchanged } from '../../support/unchanged.ts'

const FILES = {
  'schema.sql': 'CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL);\n',
  'seed.sql': "INSERT INTO people VALUES (1, 'one');\nINSERT INTO people VALUES (2, 'two');\n",
}

let server: PostgresServer
let name: string
let url: string
let project: SetupProject

beforeAll(async () => {
  server = await startPostgres({ major: TEST_MAJOR, settings: { max_prepared_transactions: '5' } })
})
afterAll(() => server?.stop())

beforeEach(() => {
  name = `app_${randomBytes(4).toString('hex')}`
  url = urlOfDatabase(server.url, name)
  project = new SetupProject(url, FILES)
})
afterEach(() => expectNoSessions(server.url))

const people = () => runSql(url, 'SELECT name FROM people ORDER BY id')
const ALL = [{ name: 'one' }, { name: 'two' }]

test('makes a database of nothing, and makes it anew the next time', async () => {
  const first = await project.setup()
  expect(first).toMatchObject({ dropped: false, cached: false, notCached: undefined, production: false })
  expect(first.schema).toMatchObject({ files: ['schema.sql'], statements: 1, transaction: 'single' })
  expect(first.seed).toMatchObject({ files: ['seed.sql'], statements: 2 })
  expect(await people()).toEqual(ALL)
  await runSql(url, 'DELETE FROM people; CREATE TABLE mine ()')
  const second = await project.setup()
  expect(second).toMatchObject({ dropped: true, cached: true, schema: undefined, seed: undefined })
  expect(await people()).toEqual(ALL)
  expect(await runSql(url, "SELECT to_regclass('mine')::text AS mine")).toEqual([{ mine: null }])
})

test('tells its steps in their order', async () => {
  const titles = async () => {
    const events: ProgressEvent[] = []
    await project.setup({ onProgress: (event) => void events.push(event) })
    return events.flatMap((event) => (event.type === 'end' ? [event.title] : []))
  }
  expect(await titles()).toEqual(['Creating', 'Loading the schema', 'Seeding'])
  project.write('seed.sql', '')
  expect(await titles()).toEqual(['Dropping and creating', 'Loading the schema', 'Seeding'])
  expect(await titles()).toEqual(['Copying the cached database'])
})

test('schema and seed may each be missing, or be several', async () => {
  expect(await project.setup({ seed: [] })).toMatchObject({ seed: undefined, schema: { statements: 1 } })
  expect(await people()).toEqual([])
  expect(await project.setup({ schema: [], seed: [] })).toMatchObject({ schema: undefined, seed: undefined })
  expect(await runSql(url, "SELECT to_regclass('people')::text AS people")).toEqual([{ people: null }])
  project.write('more.sql', "INSERT INTO people VALUES (3, 'three');")
  expect(await project.setup({ seed: ['seed.sql', 'more.sql'] })).toMatchObject({ seed: { statements: 3 } })
})

describe('what stops it before it begins leaves the database as it was', () => {
  beforeEach(async () => {
    await project.setup()
    await runSql(url, 'CREATE TABLE mine ()')
  })

  test.each([
    ['a file that is missing', 'schema.sql', '\\i missing.sql\n'],
    ['a program', 'seed.sql', '\\! rm -rf /\n'],
    ['a command that is not known', 'seed.sql', '\\nonsense\n'],
    ['what cannot run in a transaction', 'seed.sql', 'VACUUM;\n'],
  ])('%s', async (_, file, text) => {
    project.write(file, FILES['schema.sql'] + text)
    await expectUnchanged(url, async () => {
      const error = await failureOf(project.setup())
      expect(error.message).toContain(file)
    })
  })

  test('a seed that is not there', () =>
    expectUnchanged(url, async () => {
      const error = await failureOf(project.setup({ seed: ['missing.sql'] }))
      expect(error).toMatchObject({ code: 'SCRIPT_NOT_READABLE', kind: 'usage' })
    }))

  test('somebody who is connected, unless they are to be ended', async () => {
    const sessions = new TestSessions(url)
    const { processId } = await sessions.open('SELECT 1')
    project.write('seed.sql', '')
    for (let cached = 0; cached < 2; cached++) {
      const error = await failureOf(project.setup())
      expect(error).toMatchObject({ code: 'SESSIONS_CONNECTED' })
      expect(error.context).toContain(`pid ${processId}`)
    }
    await runSql(url, 'SELECT FROM mine')
    await project.setup({ force: true })
    expect(await people()).toEqual([])
    await sessions.end()
  })

  test('a prepared transaction, even with force; the door is open again', async () => {
    await runSql(url, "BEGIN; CREATE TABLE t (); PREPARE TRANSACTION 'left behind'")
    const error = await failureOf(project.setup({ force: true, cache: false }))
    expect(error).toMatchObject({ code: 'DATABASE_IN_USE' })
    expect(error.message).toContain('drop the database')
    await runSql(url, 'SELECT FROM mine')
    await runSql(url, "ROLLBACK PREPARED 'left behind'")
  })
})

describe('it stops at the first failure', () => {
  test('in the schema: the database is empty, and nothing of the seed was tried', async () => {
    project.write('schema.sql', `${FILES['schema.sql']}CREATE TABLE people ();\n`)
    const notes: ProgressEvent[] = []
    const error = await scriptErrorOf(project.setup({ onProgress: (event) => void notes.push(event) }))
    expect(error).toMatchObject({ location: { file: 'schema.sql', line: 2 } })
    expect(await runSql(url, "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([])
    expect(notes).toContainEqual(
      expect.objectContaining({ text: `The database "${name}" is new and empty.` }),
    )
  })

  test('in the seed: the schema is there, and no row', async () => {
    project.write('seed.sql', `${FILES['seed.sql']}INSERT INTO people VALUES (1, 'again');\n`)
    const notes: ProgressEvent[] = []
    const onProgress = (event: ProgressEvent) => void notes.push(event)
    const error = await scriptErrorOf(project.setup({ onProgress }))
    expect(error).toMatchObject({ location: { file: 'seed.sql', line: 3 } })
    expect(await people()).toEqual([])
    const text = `The database "${name}" is new and has its schema, but no seed.`
    expect(notes).toContainEqual({ type: 'note', level: 'warning', text })
    await scriptErrorOf(project.setup({ onProgress, transaction: 'none' }))
    expect(await people()).toEqual(ALL)
    expect(notes).toContainEqual(expect.objectContaining({ text: expect.stringContaining('what was done') }))
  })

  test('what failed is not kept: the next setup loads again', async () => {
    project.write('seed.sql', 'SELECT 1/0;')
    for (let again = 0; again < 2; again++) await scriptErrorOf(project.setup())
    project.write('seed.sql', FILES['seed.sql'])
    expect(await project.setup()).toMatchObject({ cached: false, notCached: undefined })
    expect(await people()).toEqual(ALL)
  })

  test('when interrupted while it seeds', async () => {
    project.write('seed.sql', 'SELECT pg_sleep(600);')
    const abort = new AbortController()
    const failure = failureOf(project.setup({ signal: abort.signal }))
    const asleep = "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    await expect.poll(() => runSql(server.url, asleep), { timeout: 30_000 }).toHaveLength(1)
    abort.abort()
    const error = await failure
    expect(error).toMatchObject({ code: 'INTERRUPTED', kind: 'interrupted' })
    expect(error.message).toMatch(/is new and has its schema, but no seed/)
    expect(await people()).toEqual([])
  })
})

test('who is no superuser keeps the mark too, also when the schema writes a comment of its own', async () => {
  const role = await createRole('CREATEDB', server.url)
  project.write('schema.sql', `${FILES['schema.sql']}COMMENT ON DATABASE ${name} IS 'ours';\n`)
  for (let round = 0; round < 2; round++) {
    await project.setup({ url: role.urlOf(url), production: true, confirm: name })
    const { production } = await databaseStatus({ target: parseConnectionUrl(url) })
    expect(production).toBe(true)
  }
  await runSql(server.url, `DROP DATABASE ${name}`)
})
