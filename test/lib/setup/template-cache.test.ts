import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runSql, urlOfDatabase } from '../../support/database.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { cachedDatabases, keptSince, SetupProject } from '../../support/setup.ts'
import { stateOf } from '../../support/unchanged.ts'

const FILES = {
  'schema.sql': 'CREATE TABLE t (a text, at timestamptz DEFAULT now());\n\\ir parts/part.sql\n',
  'seed.sql':
    "\\copy t (a) FROM data.txt\n\\getenv env THE_VARIABLE\nINSERT INTO t VALUES (:'who'), (:'env');\n",
  'parts/part.sql': 'CREATE VIEW v AS SELECT a FROM t;\n',
  'data.txt': 'data\n',
}
const GIVEN = { variables: { who: 'me' }, environment: { THE_VARIABLE: 'value', ANOTHER: 'x' } }

let server: PostgresServer
let url: string
let project: SetupProject

beforeAll(async () => {
  server = await startPostgres({ major: TEST_MAJOR })
})
afterAll(() => server?.stop())

beforeEach(() => {
  url = urlOfDatabase(server.url, `app_${randomBytes(4).toString('hex')}`)
  project = new SetupProject(url, FILES)
})

const setup = (options: Parameters<SetupProject['setup']>[0] = {}) => project.setup({ ...GIVEN, ...options })

const kept = (before: readonly string[]) => keptSince(server.url, before)

test('a copy is what a load makes', async () => {
  await setup()
  const loaded = await stateOf(url)
  expect(await setup()).toMatchObject({ cached: true })
  expect(await stateOf(url)).toEqual(loaded)
  expect(await runSql(url, 'SELECT a FROM v ORDER BY 1')).toEqual([
    { a: 'data' },
    { a: 'me' },
    { a: 'value' },
  ])
})

/** Makes template1 anew in an encoding. */
const recreateTemplate = async (encoding: string) => {
  await runSql(server.url, 'ALTER DATABASE template1 IS_TEMPLATE false')
  await runSql(server.url, 'DROP DATABASE template1')
  const options = `TEMPLATE template0 ENCODING '${encoding}' IS_TEMPLATE true`
  await runSql(server.url, `CREATE DATABASE template1 ${options}`)
}

/** Sets up twice, so that a copy is used, and then with the options. */
const changed = async (options: Parameters<typeof setup>[0] = {}) => {
  expect(await setup()).toMatchObject({ cached: false, notCached: undefined })
  expect(await setup()).toMatchObject({ cached: true })
  return setup(options)
}

describe('it is loaded anew after a change of', () => {
  test.each(Object.entries(FILES))('a byte of %s', async (name, text) => {
    await changed()
    project.write(name, name === 'data.txt' ? 'Data\n' : `${text} `)
    expect(await setup()).toMatchObject({ cached: false, notCached: undefined })
    project.write(name, text)
    expect(await setup()).toMatchObject({ cached: true })
  })

  test.each([
    ['a variable', { variables: { who: 'you' } }],
    ['a variable of the environment that is read', { environment: { THE_VARIABLE: 'other' } }],
    ['the option for transactions', { transaction: 'none' as const }],
    ['the project', { project: 'another' }],
  ])('%s', async (_, options) => {
    expect(await changed(options)).toMatchObject({ cached: false })
  })

  test('the user', async () => {
    const before = await cachedDatabases(server.url)
    await runSql(server.url, 'CREATE ROLE somebody LOGIN CREATEDB')
    await changed()
    const own = new URL(urlOfDatabase(url, `${new URL(url).pathname.slice(1)}_own`))
    own.username = 'somebody'
    expect(await setup({ url: own.href })).toMatchObject({ cached: false, notCached: undefined })
    expect(await setup({ url: own.href })).toMatchObject({ cached: true })
    const owners = "SELECT DISTINCT tableowner::text AS owner FROM pg_tables WHERE schemaname = 'public'"
    expect(await runSql(own.href, owners)).toEqual([{ owner: 'somebody' }])
    expect(await kept(before)).toHaveLength(2)
  })

  test('the options of the connection', async () => {
    expect(await changed({ url: `${url}?options=-c%20timezone%3DAsia/Tokyo` })).toMatchObject({
      cached: false,
    })
  })

  test("the server's default encoding", async () => {
    await changed()
    await recreateTemplate('LATIN1')
    expect(await setup()).toMatchObject({ cached: false })
    await recreateTemplate('UTF8')
  })

  test('but not of what it does not depend on', async () => {
    const elsewhere = urlOfDatabase(server.url, `${new URL(url).pathname.slice(1)}_test`)
    await changed()
    project.write('unused.sql', 'SELECT 1;')
    expect(await setup({ environment: { ...GIVEN.environment, ANOTHER: 'y' } })).toMatchObject({
      cached: true,
    })
    expect(await setup({ url: `${url}?application_name=other` })).toMatchObject({ cached: true })
    expect(await setup({ url: elsewhere })).toMatchObject({ cached: true, dropped: false })
  })
})

const databaseName = () => new URL(url).pathname.slice(1)
const extendSchema = (text: string) => project.write('schema.sql', `${FILES['schema.sql']}${text}\n`)

describe('no copy is kept', () => {
  test.each<[string, () => void, () => Parameters<typeof setup>[0], string]>([
    ['if asked for without', () => undefined, () => ({ cache: false }), 'asked for'],
    ['of production', () => undefined, () => ({ production: true, confirm: databaseName() }), 'protected'],
    [
      'of what is protected',
      () => undefined,
      () => ({ protectedBecause: 'so', confirm: databaseName() }),
      'protected',
    ],
    ['where programs may run', () => undefined, () => ({ allowPrograms: true }), 'programs'],
    [
      'of a role',
      () => extendSchema('CREATE ROLE beyond; DROP ROLE beyond;'),
      () => ({}),
      'beyond the database',
    ],
    [
      'if answers decide',
      () => extendSchema("SELECT 'parts/part.sql' AS f \\gset\nDROP VIEW v;\n\\i :f"),
      () => ({}),
      'while it runs',
    ],
    [
      'of settings',
      () => extendSchema(`ALTER DATABASE ${databaseName()} SET work_mem = '7MB';`),
      () => ({}),
      '',
    ],
    [
      'of rights',
      () => extendSchema(`REVOKE CONNECT ON DATABASE ${databaseName()} FROM public;`),
      () => ({}),
      '',
    ],
    ['of a comment', () => extendSchema(`COMMENT ON DATABASE ${databaseName()} IS 'ours';`), () => ({}), ''],
    [
      'of an owner',
      () => extendSchema(`ALTER DATABASE ${databaseName()} OWNER TO pg_monitor;`),
      () => ({}),
      '',
    ],
    [
      'of settings by dynamic SQL',
      () =>
        extendSchema(
          `DO $$ BEGIN EXECUTE 'ALTER DATABASE ${databaseName()} SET work_mem = ''7MB'''; END $$;`,
        ),
      () => ({}),
      'settings of its own',
    ],
    [
      'of an owner by dynamic SQL',
      () =>
        extendSchema(`DO $$ BEGIN EXECUTE 'ALTER DATABASE ${databaseName()} OWNER TO pg_monitor'; END $$;`),
      () => ({}),
      'owner',
    ],
    [
      'of a limit by dynamic SQL',
      () =>
        extendSchema(`DO $$ BEGIN EXECUTE 'ALTER DATABASE ${databaseName()} CONNECTION LIMIT 7'; END $$;`),
      () => ({}),
      'limit',
    ],
  ])('%s', async (_, prepare, options, reason) => {
    const before = await cachedDatabases(server.url)
    prepare()
    for (let again = 0; again < 2; again++) {
      const result = await setup(options())
      expect(result.cached).toBe(false)
      expect(result.notCached).toContain(reason)
    }
    expect(await kept(before)).toEqual([])
  })

  test('of production that is only marked', async () => {
    const before = await cachedDatabases(server.url)
    await runSql(server.url, `CREATE DATABASE ${databaseName()}`)
    await runSql(server.url, `ALTER DATABASE ${databaseName()} SET cruddur.environment = 'production'`)
    expect(await setup({ confirm: databaseName() })).toMatchObject({ cached: false, production: true })
    expect(await kept(before)).toEqual([])
  })
})
