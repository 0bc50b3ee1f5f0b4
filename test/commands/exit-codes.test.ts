import { expect, test } from 'vitest'
import { cruddur, withProject } from '../support/cli.ts'
import { urlOfDatabase, withDatabase } from '../support/database.ts'
import { inject } from 'vitest'

const NOBODY = 'postgres://postgres@127.0.0.1:1/app'

test('0: what was asked for has been done', () =>
  withDatabase(async (url) => {
    expect((await cruddur(['db', 'status', '--url', url])).code).toBe(0)
  }))

test('1: a script failed', () =>
  withDatabase(async (url) => {
    const { code, stderr } = await cruddur(['db', 'seed', '--url', url, '--file', '-'], {
      input: 'select 1;\nselec 2;',
    })
    expect(code).toBe(1)
    expect(stderr).toContain('<stdin>:2:1: syntax error at or near "selec" (SQLSTATE 42601)')
  }))

test('1: there is no such database', async () => {
  const { code, stderr } = await cruddur(
    ['db', 'seed', '--url', urlOfDatabase(inject('serverUrl'), 'no_such_database'), '--file', '-'],
    { input: 'select 1' },
  )
  expect(code).toBe(1)
  expect(stderr).toContain('cruddur db create')
})

test.for([
  [['db', 'frobnicate'], 'There is no command "cruddur db frobnicate"'],
  [['db', 'status', '--nonsense'], 'Nonexistent flag: --nonsense'],
  [['db', 'status', 'staging'], 'local, prod'],
  [['db', 'drop', 'local', '--prod'], 'Two different databases'],
  [['db', 'status', 'prod'], 'PROD_CONNECTION_URL is not set'],
  [['db', 'status', '--url', 'mysql://localhost/x'], 'does not begin with postgres://'],
  [['db', 'status', '--wait', 'soon', '--url', NOBODY], '"soon" is not a duration'],
  [['db', 'seed', '--file', 'nowhere.sql', '--url', NOBODY], 'The script "nowhere.sql" does not exist'],
  [['db', 'sessions', 'kill', '--url', NOBODY], 'not said which sessions'],
  [['db', 'drop', '--url', 'postgres://postgres@127.0.0.1:1/template1'], 'belongs to the server itself'],
] as const)('2: bad usage: %j', async ([words, message]) => {
  const { code, stdout, stderr } = await cruddur(words)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).toContain('Try this: ')
})

test('2: a protected database was not confirmed', () =>
  withDatabase(async (url) =>
    withProject({ '.env': `PROD_CONNECTION_URL=${url}` }, async ({ path }) => {
      const { code, stderr } = await cruddur(['db', 'drop', 'prod'], { directory: path })
      expect(code).toBe(2)
      expect(stderr).toContain('--confirm')
    }),
  ))

test('3: nothing listens there', async () => {
  const { code, stderr } = await cruddur(['db', 'status', '--url', NOBODY])
  expect(code).toBe(3)
  expect(stderr).toContain('Nothing listens on 127.0.0.1:1.')
})

test('130: interrupted', () =>
  withDatabase(async (url) => {
    let interrupt: (() => void) | undefined
    const running = cruddur(['db', 'seed', '--url', url, '--file', '-'], {
      input: "create table t(a int); do $$ begin raise warning 'now'; perform pg_sleep(30); end $$;",
      onStart: (_, kill) => (interrupt = () => kill('SIGINT')),
    })
    setTimeout(() => interrupt?.(), 1500)
    const { code, stderr } = await running
    expect(code).toBe(130)
    expect(stderr).toContain('the database is as before')
  }))

test('what a server or a script says is shown to the terminal, not obeyed', () =>
  withDatabase(async (url) => {
    const input = "select E'\u001b[2J\\x1b[31m'::int, '\u007f';\n"
    const { code, stderr } = await cruddur(['db', 'seed', '--url', url, '--file', '-'], { input })
    expect(code).toBe(1)
    expect(stderr).toContain(String.raw`invalid input syntax for type integer: "\x1b[2J\x1b[31m"`)
    expect(stderr).toContain(String.raw`select E'␛[2J\x1b[31m'::int, '␡';`)
    // eslint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/)
  }))
