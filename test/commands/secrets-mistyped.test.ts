import { afterAll, expect, test } from 'vitest'
import { cruddur, makeProject } from '../support/cli.ts'

// Whoever comes from psql gives the URL as a word. What is said about it must not repeat the password.

const PASSWORD = 'p@s/s#w?rd%20'
const CORE = /s#w|s%23w/i

const FORMS = [
  `postgres://app:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/app`,
  `postgres://app:${PASSWORD}@127.0.0.1:1/app`,
  `host=127.0.0.1 port=1 user=app password='${PASSWORD}'`,
  `postgres://app@127.0.0.1:1/app?password=${encodeURIComponent(PASSWORD)}`,
]

const PLACES = [
  (url: string) => [url],
  (url: string) => ['db', url],
  (url: string) => ['db', 'drop', url],
  (url: string) => ['db', 'drop', 'local', url],
  (url: string) => ['db', 'sessions', 'kill', url],
  (url: string) => ['db', 'server', 'start', url],
  (url: string) => ['db', 'setup', `--urll=${url}`],
  (url: string) => ['db', 'setup', '--wait', url],
  (url: string) => ['db', 'seed', '--set', url],
  (url: string) => ['db', 'seed', '--file', url],
  (url: string) => ['db', 'seed', '--dotenv', url],
]

// Its database is one that cannot be reached: no command may come so far as to start an embedded server.
const project = makeProject({
  'db/schema.sql': '',
  '.env': 'CONNECTION_URL=postgres://app@127.0.0.1:1/app',
})
afterAll(() => project.remove())

const CASES = PLACES.flatMap((place) =>
  FORMS.map((form) => ({ title: place(form).join(' '), words: place(form) })),
)

test.concurrent.for(CASES)('the password is not repeated: cruddur $title', async ({ words }) => {
  for (const json of [[], ['--json']]) {
    const { code, stdout, stderr } = await cruddur([...words, ...json], { directory: project.path })
    // 0 is the help of a topic, which oclif shows for words with an equals sign.
    expect([0, 2]).toContain(code)
    expect(`${stdout}${stderr}`).not.toMatch(CORE)
  }
})

test('a URL in the place of local and prod: the message says where it belongs', async () => {
  const { stderr } = await cruddur(['db', 'drop', 'postgres://app:s3cret@127.0.0.1:1/app'])
  expect(stderr).toContain('postgres://app:********@127.0.0.1:1/app')
  expect(stderr).toContain('Try this: A connection URL is given with --url.')
})

test.for(['1', 'code', '"', 'error'])('--json is JSON with the password %j', async (password) => {
  const url = `postgres://app:${encodeURIComponent(password)}@127.0.0.1:1/app`
  const { stdout } = await cruddur(['db', 'status', '--json'], { env: { CONNECTION_URL: url } })
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) as string } })
})
