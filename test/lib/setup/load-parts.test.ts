import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { ProgressEvent } from '../../../src/lib/progress.ts'
import { runSql, urlOfDatabase } from '../../support/database.ts'
import { scriptErrorOf } from '../../support/load.ts'
import { withProxy } from '../../support/proxy.ts'
import { SetupProject } from '../../support/setup.ts'

// Schema and seed are two transactions, but the seed is sent along with the schema where it can be.

const TABLE = 'CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED);\n'
/** More than fits into one group of statements. */
const MANY = Array.from({ length: 2000 }, (_, row) => `INSERT INTO t VALUES (${row + 10});`).join('\n')

let name: string
let url: string

beforeEach(() => {
  name = `parts_${randomBytes(4).toString('hex')}`
  url = urlOfDatabase(inject('serverUrl'), name)
})
afterEach(() => drop())

/** Sets up without a copy; returns what was reported. */
async function setup(schema: string, seed: string, target = url): Promise<ProgressEvent[]> {
  const events: ProgressEvent[] = []
  const project = new SetupProject(target, { 'schema.sql': schema, 'seed.sql': seed })
  await project.setup({ cache: false, onProgress: (event) => void events.push(event) })
  return events
}

const rows = async () => Number((await runSql(url, 'SELECT count(*) AS rows FROM t'))[0]?.['rows'])

const drop = () => runSql(inject('serverUrl'), `DROP DATABASE IF EXISTS "${name}"`)

/** How often a setup of nothing waits for an answer. */
async function trips(schema: string, seed: string): Promise<number> {
  await drop()
  return withProxy(url, { lockStep: 100 }, async (proxyUrl, proxy) => {
    await setup(schema, seed, proxyUrl)
    return proxy.roundTrips
  })
}

test('a seed costs no round trip more', async () => {
  expect(await trips(TABLE, 'INSERT INTO t VALUES (1);')).toBe(await trips(TABLE, ''))
  expect(await rows()).toBe(0)
})

test.each([
  ['short', 'INSERT INTO t VALUES (1);\n', 1],
  ['long', MANY, 2000],
  ['with data', 'COPY t FROM stdin;\n1\n2\n\\.\n', 2],
])('a %s seed is there afterwards', async (_, seed, expected) => {
  await setup(TABLE, seed)
  expect(await rows()).toBe(expected)
})

test('a long schema and a long seed', async () => {
  await setup(`${TABLE}${MANY}`, MANY.replaceAll('(', '(1000000 + '))
  expect(await rows()).toBe(4000)
})

describe('where a COMMIT of the schema fails, nothing of the seed is run', () => {
  test.each([
    ['short', 'CREATE TABLE seeded ();'],
    // Without the transaction that was skipped, its later statements would take effect one by one.
    [
      'long',
      `CREATE TABLE seeded ();\n${Array.from({ length: 2000 }, (_, index) => `CREATE TABLE s${index} ();`).join('\n')}`,
    ],
  ])('a %s one', async (_, seed) => {
    const error = await scriptErrorOf(setup(`${TABLE}INSERT INTO t VALUES (1), (1);\n`, seed))
    expect(error).toMatchObject({ sqlstate: '23505' })
    expect(await runSql(url, "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([])
  })
})

test('where COPY data of the schema is refused, nothing of the seed is run', async () => {
  const error = await scriptErrorOf(
    setup(`${TABLE}COPY t FROM stdin;\n1\nx\n\\.\n`, 'CREATE TABLE seeded ();'),
  )
  expect(error).toMatchObject({ sqlstate: '22P02', location: { file: 'schema.sql' } })
  expect(await runSql(url, "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace")).toEqual([])
})

test('the error of a seed is its own; the schema stays', async () => {
  const error = await scriptErrorOf(setup(TABLE, '\nINSERT INTO t VALUES (1);\nSELECT nothing;\n'))
  expect(error).toMatchObject({ sqlstate: '42703', location: { file: 'seed.sql', line: 3 } })
  expect(await rows()).toBe(0)
})

test('variables of the schema are not those of the seed', async () => {
  const error = await scriptErrorOf(setup(`\\set x 1\n${TABLE}`, 'INSERT INTO t VALUES (:x);\n'))
  expect(error).toMatchObject({ sqlstate: '42601', location: { file: 'seed.sql', line: 1 } })
})

test('each step ends when it is done, not when both are', async () => {
  const events = await setup(TABLE, 'SELECT pg_sleep(1);')
  const steps = events.filter(({ type }) => type === 'start' || type === 'end')
  expect(steps.slice(2)).toMatchObject([
    { type: 'start', step: 'schema' },
    { type: 'end', step: 'schema' },
    { type: 'start', step: 'seed' },
    { type: 'end', step: 'seed' },
  ])
  const [schema, seed] = steps.flatMap((event) =>
    event.type === 'end' && event.step !== 'create' ? event.ms : [],
  )
  // A timer may be some milliseconds early.
  expect(schema).toBeLessThan(900)
  expect(seed).toBeGreaterThan(900)
})
