import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import type { Connection } from '../../src/lib/postgres/connection.ts'
import { query, queryRows } from '../../src/lib/postgres/query.ts'
import { loadScript } from '../../src/lib/script/load-script.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { createDatabase, runSql, type TestDatabase } from '../support/database.ts'
import { PROJECT_ROOT } from '../support/embedded-postgres.ts'
import { expectUnchanged } from '../support/unchanged.ts'

let database: TestDatabase
let connection: Connection

const load = (script: string) =>
  loadScript({ target: parseConnectionUrl(database.url), directory: PROJECT_ROOT, scripts: [script] })

beforeAll(async () => {
  database = await createDatabase()
  await load('db/schema.sql')
  await load('db/seed.sql')
})
afterAll(() => database?.drop())

test('the seed is two users and one activity, found by handle, that expires in ten days', async () => {
  expect(await runSql(database.url, 'SELECT handle FROM public.users ORDER BY 1')).toEqual([
    { handle: 'andrewbrown' },
    { handle: 'bayko' },
  ])
  const sql = `SELECT handle, expires_at = a.created_at + interval '10 days' AS ten_days, reply_to_activity_uuid AS reply,
      replies_count + reposts_count + likes_count AS counts
    FROM public.activities a JOIN public.users u ON u.uuid = a.user_uuid`
  expect(await runSql(database.url, sql)).toEqual([
    { handle: 'andrewbrown', ten_days: 't', reply: null, counts: '0' },
  ])
})

test('both may be loaded again, and change nothing', () =>
  expectUnchanged(database.url, async () => {
    await load('db/schema.sql')
    await load('db/seed.sql')
  }))

const columns = (table: string) =>
  runSql(
    database.url,
    `SELECT string_agg(column_name || ' ' || udt_name, ', ' ORDER BY ordinal_position) AS columns
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '${table}'`,
  )

test('the columns have the types that they should', async () => {
  expect(await columns('users')).toEqual([
    {
      columns:
        'uuid uuid, display_name text, email text, handle text, cognito_user_id text, created_at timestamptz',
    },
  ])
  expect(await columns('activities')).toEqual([
    {
      columns:
        'uuid uuid, user_uuid uuid, message text, replies_count int4, reposts_count int4, likes_count int4, reply_to_activity_uuid uuid, expires_at timestamptz, created_at timestamptz',
    },
  ])
})

const user = (changes: Record<string, string> = {}) => {
  const values: Record<string, string> = {
    display_name: "'New'",
    email: "'new@cruddur.example'",
    handle: "'new'",
    cognito_user_id: "'MOCK-new'",
    ...changes,
  }
  return `INSERT INTO public.users (${Object.keys(values).join()}) VALUES (${Object.values(values).join()})`
}
const activity = (changes: Record<string, string> = {}) => {
  const values: Record<string, string> = {
    user_uuid: "(SELECT uuid FROM public.users WHERE handle = 'bayko')",
    message: "'Hello'",
    ...changes,
  }
  return `INSERT INTO public.activities (${Object.keys(values).join()}) VALUES (${Object.values(values).join()})`
}
const REPLY = { reply_to_activity_uuid: '(SELECT uuid FROM public.activities LIMIT 1)' }

describe('each in a transaction of its own', () => {
  beforeAll(async () => {
    connection = await connect(parseConnectionUrl(database.url))
  })
  afterAll(() => connection?.close())
  beforeEach(async () => {
    if (connection.transactionStatus !== 'I') await query(connection, 'ROLLBACK')
    await query(connection, 'BEGIN')
  })

  test('what is right is taken, with what is left out filled in', async () => {
    await query(connection, user())
    const [one] = await queryRows(connection, `${activity(REPLY)} RETURNING *`)
    expect(one).toMatchObject({ replies_count: '0', reposts_count: '0', likes_count: '0', expires_at: null })
    expect(one?.['uuid']).toMatch(/^[0-9a-f-]{36}$/)
    expect(one?.['created_at']).toBeTruthy()
  })

  test.each([
    ...['display_name', 'email', 'handle', 'cognito_user_id', 'created_at'].map((column) => [
      `a user without ${column}`,
      user({ [column]: 'NULL' }),
      '23502',
    ]),
    ['a second user of a handle', user({ handle: "'bayko'" }), '23505'],
    ['a handle that differs in case only', user({ handle: "'Bayko'" }), '23505'],
    ['an address that differs in case only', user({ email: "'BAYKO@cruddur.example'" }), '23505'],
    ['a second user of a Cognito user', user({ cognito_user_id: "'MOCK-bayko'" }), '23505'],
    ['an empty handle', user({ handle: "''" }), '23514'],
    ['an address without an @', user({ email: "'nobody'" }), '23514'],
    ...['user_uuid', 'message', 'replies_count', 'reposts_count', 'likes_count', 'created_at'].map(
      (column) => [`an activity without ${column}`, activity({ [column]: 'NULL' }), '23502'],
    ),
    ['an activity of nobody', activity({ user_uuid: 'gen_random_uuid()' }), '23503'],
    ['a reply to nothing', activity({ reply_to_activity_uuid: 'gen_random_uuid()' }), '23503'],
    ['a reply to a number', activity({ reply_to_activity_uuid: '1' }), '42804'],
    ['an empty message', activity({ message: "''" }), '23514'],
    ...['replies_count', 'reposts_count', 'likes_count'].map((column) => [
      `a ${column} below zero`,
      activity({ [column]: '-1' }),
      '23514',
    ]),
    ['one that expires before it begins', activity({ expires_at: "now() - interval '1 hour'" }), '23514'],
  ])('%s is refused', async (_, sql = '', sqlstate = '') => {
    await expect(query(connection, sql)).rejects.toMatchObject({ sqlstate })
  })

  test('a user who goes takes their activities along; replies to them stay', async () => {
    await query(connection, activity(REPLY))
    await query(connection, "DELETE FROM public.users WHERE handle = 'andrewbrown'")
    const left = await queryRows(
      connection,
      'SELECT message, reply_to_activity_uuid AS reply FROM public.activities',
    )
    expect(left).toEqual([{ message: 'Hello', reply: null }])
  })
})
