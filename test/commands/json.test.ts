import { expect, inject, test } from 'vitest'
import { cruddur, withProject } from '../support/cli.ts'
import { createDatabase, urlOfDatabase, withDatabase } from '../support/database.ts'

/** Runs a command with --json: stdout must hold exactly one object. */
async function json(
  words: readonly string[],
  input = '',
): Promise<{ code: number | null; value: Record<string, unknown> }> {
  const { code, stdout } = await cruddur([...words, '--json'], { input })
  return { code, value: JSON.parse(stdout) as Record<string, unknown> }
}

/** The names of an object's fields, nested ones with dots: the shape that programs rely on. */
function shape(value: unknown, prefix = ''): string[] {
  if (typeof value !== 'object' || value === null) return [prefix]
  if (Array.isArray(value)) return value.length === 0 ? [`${prefix}[]`] : shape(value[0], `${prefix}[]`)
  return Object.entries(value).flatMap(([name, one]) => shape(one, prefix ? `${prefix}.${name}` : name))
}

test('db create', async () => {
  const url = urlOfDatabase(inject('serverUrl'), `json_${process.pid}`)
  const { value } = await json(['db', 'create', '--url', url])
  expect(value).toEqual({ database: `json_${process.pid}`, created: true, production: false })
  expect((await json(['db', 'drop', '--url', url])).value).toEqual({
    database: `json_${process.pid}`,
    dropped: true,
    endedSessions: 0,
  })
})

test('db seed', () =>
  withDatabase(async (url) => {
    const { value } = await json(
      ['db', 'seed', '--url', url, '--file', '-'],
      "\\echo hello\nselect 'not on stdout';",
    )
    expect(value).toMatchObject({
      files: ['<stdin>'],
      statements: 1,
      transaction: 'single',
      toleratedErrors: 0,
    })
    expect(shape(value)).toMatchInlineSnapshot(`
      [
        "files[]",
        "statements",
        "bytes",
        "ms",
        "transaction",
        "toleratedErrors",
      ]
    `)
  }))

test('db setup, loaded and copied', () =>
  withProject(
    { 'db/schema.sql': 'create table t(a int);', 'db/seed.sql': 'insert into t values (1);' },
    async ({ path }) => {
      const database = await createDatabase()
      const words = ['db', 'setup', '--url', database.url, '--json']
      const first = JSON.parse((await cruddur(words, { directory: path })).stdout) as Record<string, unknown>
      const second = JSON.parse((await cruddur(words, { directory: path })).stdout) as Record<string, unknown>
      await database.drop()
      expect([first['cached'], second['cached']]).toEqual([false, true])
      expect(shape(first)).toMatchInlineSnapshot(`
      [
        "database",
        "dropped",
        "production",
        "cached",
        "schema.files[]",
        "schema.statements",
        "schema.bytes",
        "schema.ms",
        "schema.transaction",
        "schema.toleratedErrors",
        "seed.files[]",
        "seed.statements",
        "seed.bytes",
        "seed.ms",
        "seed.transaction",
        "seed.toleratedErrors",
        "ms",
      ]
    `)
    },
  ))

test('db status', () =>
  withDatabase(async (url) => {
    expect(shape((await json(['db', 'status', '--url', url])).value)).toMatchInlineSnapshot(`
      [
        "source",
        "host",
        "port",
        "serverAddress",
        "serverVersion",
        "encrypted",
        "roundTrip",
        "user",
        "database",
        "exists",
        "owner",
        "production",
        "bytes",
        "tables",
        "schemaLoaded",
        "sessions",
      ]
    `)
  }))

test('db sessions', () =>
  withDatabase(async (url) => {
    expect((await json(['db', 'sessions', '--url', url])).value).toMatchObject({ sessions: [] })
  }))

test('db sessions kill', () =>
  withDatabase(async (url) => {
    expect((await json(['db', 'sessions', 'kill', '--all', '--url', url])).value).toEqual({
      dryRun: false,
      ended: [],
      ending: [],
    })
  }))

test('db connect', () =>
  withDatabase(async (url) => {
    const { value } = await json(['db', 'connect', '--url', url, '-c', 'select 1 as one'])
    expect(shape(value)).toMatchInlineSnapshot(`
      [
        "database",
        "results[].columns[].name",
        "results[].columns[].type",
        "results[].rows[][]",
        "results[].command",
      ]
    `)
  }))

test('an error of a script names its place', () =>
  withDatabase(async (url) => {
    const { code, value } = await json(['db', 'schema-load', '--url', url, '--file', '-'], '\nselect nope')
    expect(code).toBe(1)
    expect(value).toEqual({
      error: {
        code: 'SQL_ERROR',
        message: '<stdin>:2:8: column "nope" does not exist (SQLSTATE 42703)',
        details: {
          file: '<stdin>',
          line: 2,
          column: 8,
          statement: { file: '<stdin>', line: 2, column: 1, text: 'select nope' },
          sqlstate: '42703',
          server: {
            severity: 'ERROR',
            sqlstate: '42703',
            message: 'column "nope" does not exist',
            position: 8,
          },
        },
      },
    })
  }))

test('an error before any command is JSON too', async () => {
  expect((await json(['db', 'frobnicate'])).value).toMatchObject({ error: { code: 'UNKNOWN_COMMAND' } })
})
