import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { runSql, urlOfDatabase } from '../../support/database.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { withProxy } from '../../support/proxy.ts'
import { cachedDatabases, keptSince, SetupProject } from '../../support/setup.ts'

const FILES = {
  'schema.sql': 'CREATE TABLE t (a text);\n',
  'seed.sql': '\\copy t FROM data.txt\n',
  'data.txt': 'data\n',
}

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

const setup = (options: Parameters<SetupProject['setup']>[0] = {}) => project.setup(options)

const kept = (before: readonly string[]) => keptSince(server.url, before)

/** Changes a copy, which is then not used but made anew. */
const refuseChanged = async (how: (name: string) => string) => {
  const before = await cachedDatabases(server.url)
  await setup()
  const [name = ''] = await kept(before)
  await runSql(server.url, how(name))
  expect(await setup()).toMatchObject({ cached: false, notCached: undefined })
  expect(await kept(before)).toEqual([name])
  expect(await setup()).toMatchObject({ cached: true })
}
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

describe('a copy is not used', () => {
  test.each([
    ['older than a day', (name: string) => `COMMENT ON DATABASE ${name} IS '${hoursAgo(25)}'`],
    ['half made', (name: string) => `COMMENT ON DATABASE ${name} IS NULL`],
    ['not marked as a template', (name: string) => `ALTER DATABASE ${name} IS_TEMPLATE false`],
    ['that says nonsense about its age', (name: string) => `COMMENT ON DATABASE ${name} IS 'yesterday'`],
    ['of the future', (name: string) => `COMMENT ON DATABASE ${name} IS '${hoursAgo(-25)}'`],
  ])('%s; it is made anew', (_, how) => refuseChanged(how))

  test('but one of 23 hours is', async () => {
    const before = await cachedDatabases(server.url)
    await setup()
    const [name = ''] = await kept(before)
    await runSql(server.url, `COMMENT ON DATABASE ${name} IS '${hoursAgo(23)}'`)
    expect(await setup()).toMatchObject({ cached: true })
  })
})

test('a copy whose removal was broken off is removed for good', async () => {
  const before = await cachedDatabases(server.url)
  await setup()
  const [name = ''] = await kept(before)
  const broken = `UPDATE pg_database SET datistemplate = false, datconnlimit = -2 WHERE datname = '${name}'`
  await runSql(server.url, broken)
  expect(await setup()).toMatchObject({ cached: false, notCached: undefined })
  expect(await setup()).toMatchObject({ cached: true })
  expect(await kept(before)).toEqual([name])
})

test('a copy that is removed at the last moment is no reason to fail: it is loaded', async () => {
  const before = await cachedDatabases(server.url)
  await setup()
  const [name = ''] = await kept(before)
  await withProxy(url, { delay: 150 }, async (slow) => {
    let removing: Promise<unknown> | undefined
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'start') removing ??= remove(name)
    }
    expect(await setup({ url: slow, onProgress })).toMatchObject({ cached: false, dropped: true })
    await removing
  })
  expect(await runSql(url, 'SELECT a FROM t')).toEqual([{ a: 'data' }])
})

async function remove(name: string): Promise<void> {
  await runSql(server.url, `ALTER DATABASE ${name} IS_TEMPLATE false`)
  await runSql(server.url, `DROP DATABASE ${name}`)
}

test('nobody can get into a copy', async () => {
  const before = await cachedDatabases(server.url)
  await setup()
  const [name = ''] = await kept(before)
  await expect(runSql(urlOfDatabase(server.url, name), 'SELECT 1')).rejects.toMatchObject({
    code: 'LOGIN_REFUSED',
  })
})

test('two are kept of a project, the latest ones', async () => {
  const before = await cachedDatabases(server.url)
  for (const text of ['a', 'b', 'c']) {
    project.write('data.txt', `${text}\n`)
    await setup()
  }
  expect(await kept(before)).toHaveLength(2)
  expect(await setup()).toMatchObject({ cached: true })
  project.write('data.txt', 'b\n')
  expect(await setup()).toMatchObject({ cached: true })
  project.write('data.txt', 'a\n')
  expect(await setup()).toMatchObject({ cached: false })
  expect(await kept(before)).toHaveLength(2)
})

test.each([
  ['of the same database', () => url],
  ['of several databases', (index: number) => `${url}_${index}`],
])(
  'setups at once, %s: each ends well or says why it did not, and all is well afterwards',
  async (_, urlOf) => {
    for (let round = 0; round < 3; round++) {
      project.write('data.txt', `${round}\n`)
      const ends = await Promise.all(
        Array.from({ length: 4 }, (__, index) =>
          setup({ url: urlOf(index) }).then(
            () => 'done',
            (error: { code?: string }) => error.code ?? 'no code',
          ),
        ),
      )
      expect(ends).toContain('done')
      const others = ends.filter((end) => !['done', 'DATABASE_IN_USE', 'SESSIONS_CONNECTED'].includes(end))
      expect(others).toEqual([])
    }
    const after = await setup()
    expect(after).toMatchObject({ notCached: undefined })
    expect(await runSql(url, 'SELECT a FROM t')).toEqual([{ a: '2' }])
    expect(await setup()).toMatchObject({ cached: true })
  },
)
