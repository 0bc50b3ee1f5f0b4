import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase } from '../../../src/lib/postgres/create-database.ts'
import { dropDatabase } from '../../../src/lib/postgres/drop-database.ts'
import { quoteLiteral } from '../../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { runSql, urlOfDatabase } from '../../support/database.ts'
import { failureOf } from '../../support/load.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { createRole } from '../../support/role.ts'
import { expectNoSessions } from '../../support/unchanged.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ major: TEST_MAJOR })
})
afterAll(() => server?.stop())

const targetOf = (database: string, url = server.url) => parseConnectionUrl(urlOfDatabase(url, database))
const create = (database: string, production = false) =>
  createDatabase({ target: targetOf(database), production })
const drop = (database: string) => dropDatabase({ target: targetOf(database), confirm: database })

async function encodingOf(database: string): Promise<string | null | undefined> {
  const [row] = await runSql(
    server.url,
    `SELECT pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = ${quoteLiteral(database)}`,
  )
  return row?.['encoding']
}

test('creates what is not there, and says so when it is there already', async () => {
  expect(await create('twice')).toEqual({ database: 'twice', created: true, production: false })
  await runSql(urlOfDatabase(server.url, 'twice'), 'CREATE TABLE kept ()')
  expect(await create('twice')).toEqual({ database: 'twice', created: false, production: false })
  const kept = await runSql(urlOfDatabase(server.url, 'twice'), "SELECT to_regclass('kept')::text AS kept")
  expect(kept).toEqual([{ kept: 'kept' }])
})

test('of several at once one creates it, and the others find it', async () => {
  for (let round = 0; round < 3; round++) {
    const results = await Promise.all(Array.from({ length: 6 }, () => create('race')))
    expect(results.filter(({ created }) => created)).toHaveLength(1)
    await drop('race')
  }
})

test.each([
  ['capitals', 'MyApp'],
  ['double quotes', 'a"b""c'],
  ['single quotes', "it's"],
  ['blanks', ' my app '],
  ['signs that mean something in a URL', 'a/b?c#d@e:f%41&g=h+i'],
  ['a backslash', String.raw`a\b`],
  ['a semicolon and a comment', 'a"; DROP DATABASE postgres; --'],
  ['letters beyond ASCII', 'Bücher_日本語_😀'],
  ['a dollar and a line end', '$$a\nb$1'],
  ['a keyword', 'select'],
  ['63 bytes', 'x'.repeat(63)],
  ['63 bytes beyond ASCII', 'é'.repeat(31) + 'x'],
])('a name with %s is taken as it is', async (_, name) => {
  const url = urlOfDatabase(server.url, name)
  expect(await create(name)).toMatchObject({ database: name, created: true })
  expect(await runSql(url, 'SELECT current_database()::text AS name')).toEqual([{ name }])
  expect(await create(name, true)).toMatchObject({ created: false, production: true })
  expect(await drop(name)).toMatchObject({ dropped: true })
  expect(await encodingOf(name)).toBeUndefined()
})

test('a name that PostgreSQL would cut off is refused: it would be another database', () => {
  expect(() => targetOf('x'.repeat(64))).toThrow(expect.objectContaining({ code: 'INVALID_URL' }))
  expect(() => targetOf('é'.repeat(32))).toThrow(expect.objectContaining({ code: 'INVALID_URL' }))
})

describe.each(['LATIN1', 'SQL_ASCII', 'UTF8'])('where template1 is in %s', (encoding) => {
  beforeAll(async () => {
    await runSql(server.url, 'ALTER DATABASE template1 IS_TEMPLATE false')
    await runSql(server.url, 'DROP DATABASE template1')
    const options = `TEMPLATE template0 ENCODING '${encoding}' IS_TEMPLATE true`
    await runSql(server.url, `CREATE DATABASE template1 ${options}`)
    await runSql(urlOfDatabase(server.url, 'template1'), 'CREATE TABLE from_template ()')
  })

  test('the new database is in UTF-8', async () => {
    const url = urlOfDatabase(server.url, 'in_utf8')
    await create('in_utf8')
    expect(await encodingOf('in_utf8')).toBe('UTF8')
    const [row] = await runSql(
      url,
      "SELECT '日本€'::text AS text, to_regclass('from_template')::text AS kept",
    )
    expect(row).toEqual({ text: '日本€', kept: encoding === 'UTF8' ? 'from_template' : null })
    await drop('in_utf8')
  })
})

test('without the right to, it says what is missing', async () => {
  const role = await createRole('', server.url)
  const error = await failureOf(createDatabase({ target: targetOf('forbidden', role.urlOf(server.url)) }))
  expect(error).toMatchObject({
    code: 'PERMISSION_DENIED',
    kind: 'failed',
    details: { sqlstate: '42501' },
    hint: expect.stringContaining('CREATEDB'),
  })
  expect(error.message).toContain('Could not create the database "forbidden": permission denied')
  expect(await encodingOf('forbidden')).toBeUndefined()
})

test('a role with CREATEDB owns what it creates, and can mark it as any superuser can', async () => {
  const role = await createRole('CREATEDB', server.url)
  const target = targetOf('owned', role.urlOf(server.url))
  expect(await createDatabase({ target })).toMatchObject({ created: true, production: false })
  await runSql(urlOfDatabase(server.url, 'owned'), "COMMENT ON DATABASE owned IS 'The comment'")
  for (let again = 0; again < 2; again++)
    expect(await createDatabase({ target, production: true })).toMatchObject({ production: true })
  const owner = `SELECT pg_get_userbyid(datdba)::text AS owner, shobj_description(oid, 'pg_database') AS comment
    FROM pg_database WHERE datname = 'owned'`
  const comment = 'The comment\ncruddur.environment = production'
  expect(await runSql(server.url, owner)).toEqual([{ owner: role.name, comment }])
  expect(await failureOf(dropDatabase({ target }))).toMatchObject({ code: 'NOT_CONFIRMED' })
  await dropDatabase({ target, confirm: 'owned' })
})

test('while template1 is in use, it says so', async () => {
  const asleep = runSql(urlOfDatabase(server.url, 'template1'), 'SELECT pg_sleep(30)').catch(() => undefined)
  const sleeper = `FROM pg_stat_activity WHERE datname = 'template1' AND query LIKE 'SELECT pg_sleep%'`
  await expect.poll(() => runSql(server.url, `SELECT pid ${sleeper}`)).toHaveLength(1)
  const error = await failureOf(create('waiting'))
  await runSql(server.url, `SELECT pg_terminate_backend(pid) ${sleeper}`)
  await asleep
  expect(error).toMatchObject({ code: 'DATABASE_IN_USE', details: { sqlstate: '55006' } })
  expect(error.message).toContain('template1')
})

test.each(['postgres', 'template0', 'template1'])("%s is the server's own", async (database) => {
  for (const verb of [create, drop])
    expect(await failureOf(verb(database))).toMatchObject({ code: 'RESERVED_DATABASE', kind: 'usage' })
})

test('without the database postgres it works from template1', async () => {
  await runSql(urlOfDatabase(server.url, 'template1'), 'ALTER DATABASE postgres ALLOW_CONNECTIONS false')
  try {
    expect(await create('beside')).toMatchObject({ created: true })
    expect(await encodingOfBeside()).toBe('UTF8')
    expect(await drop('beside')).toMatchObject({ dropped: true })
  } finally {
    await runSql(urlOfDatabase(server.url, 'template1'), 'ALTER DATABASE postgres ALLOW_CONNECTIONS true')
  }
  await expectNoSessions(server.url)
})

async function encodingOfBeside(): Promise<string | null | undefined> {
  const [row] = await runSql(urlOfDatabase(server.url, 'beside'), 'SHOW server_encoding')
  return row?.['server_encoding']
}
