import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireTools } from '../../conformance/harness/tools.ts'
import { createDatabase, runSql, withDatabase } from '../../support/database.ts'
import { loadFiles, loadFrom, loadText } from '../../support/load.ts'
import { dumpDifference, pgDump, pgDumpMajor } from '../../support/pg-dump.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { runPsql } from '../../support/psql.ts'
import { HAVE_SAMPLES, type Sample, SAMPLES, SAMPLES_FOLDER } from '../../support/samples.ts'

/** How pg_dump may write the rows. */
const FORMATS = [
  { rows: 'COPY', args: [] },
  { rows: 'INSERTs', args: ['--inserts'] },
  { rows: 'INSERTs with columns', args: ['--column-inserts'] },
]

let server: PostgresServer | undefined

beforeAll(async () => {
  const major = HAVE_SAMPLES ? pgDumpMajor() : undefined
  if (major !== undefined) server = await startPostgres({ major })
})
afterAll(() => server?.stop())

function requireServer(skip: (reason: string) => void): void {
  if (!HAVE_SAMPLES) skip('no samples')
  if (!server) requireTools('there is no pg_dump on the path', skip)
}

function urlOf(database: string): string {
  return new URL(`/${database}`, server?.url).href
}

/** Makes a sample's database, with cruddur or with psql, and gives it the name. */
async function makeSample(
  sample: Sample,
  name: string,
  load: (sample: Sample, url: string) => Promise<void>,
): Promise<void> {
  const { ownDatabase } = sample
  const main = server?.url ?? ''
  const database = ownDatabase ?? (await createDatabase(main)).name
  await load(sample, ownDatabase === undefined ? urlOf(database) : main)
  await runSql(main, `ALTER DATABASE ${database} RENAME TO ${name}`)
}

async function loadSample(sample: Sample, url: string): Promise<void> {
  await loadFrom(url, {
    directory: SAMPLES_FOLDER,
    scripts: sample.scripts,
    transaction: sample.ownDatabase === undefined ? 'single' : 'none',
  })
}

async function psqlSample(sample: Sample, url: string): Promise<void> {
  const files = sample.scripts.flatMap((script) => ['-f', script])
  const once = sample.ownDatabase === undefined ? ['-1'] : []
  const args = ['-q', ...once, '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', ...files]
  const { code, stderr } = await runPsql(args, { url, cwd: SAMPLES_FOLDER })
  if (code !== 0) throw new Error(`psql: ${stderr}`)
}

describe.for(SAMPLES)('$name', (sample) => {
  const name = `sample_${sample.name.toLowerCase()}`
  const dump = (args: readonly string[] = []) => pgDump(urlOf(name), args)

  beforeAll(async () => {
    if (server) await makeSample(sample, name, loadSample)
  })

  test('makes the same database as psql does', async ({ skip }) => {
    requireServer(skip)
    await makeSample(sample, `${name}_by_psql`, psqlSample)
    expect(dumpDifference(await dump(), await pgDump(urlOf(`${name}_by_psql`)))).toEqual([])
  })

  test.for(FORMATS)('comes back from its dump with $rows as it was', async ({ args }, { skip }) => {
    requireServer(skip)
    const script = await dump(args)
    await withDatabase(async (url) => {
      await loadText(url, script)
      expect(dumpDifference(await pgDump(url, args), script)).toEqual([])
    }, server?.url)
  })

  test('comes back from its compressed dump as it was', async ({ skip }) => {
    requireServer(skip)
    const script = await dump()
    await withDatabase(async (url) => {
      await loadFiles(url, { 'dump.sql.gz': gzipSync(script) })
      expect(dumpDifference(await pgDump(url), script)).toEqual([])
    }, server?.url)
  })

  test('comes back from a dump that cleans up first', async ({ skip }) => {
    requireServer(skip)
    const args = ['--clean', '--if-exists']
    const script = await dump(args)
    await withDatabase(async (url) => {
      if (!sample.partitioned) await loadText(url, script)
      await loadText(url, script)
      expect(dumpDifference(await pgDump(url, args), script)).toEqual([])
    }, server?.url)
  })

  test('comes back from a dump that creates the database', async ({ skip }) => {
    requireServer(skip)
    const script = await dump(['--create'])
    await runSql(server?.url ?? '', `DROP DATABASE ${name}`)
    await loadText(server?.url ?? '', script, { transaction: 'none' })
    expect(dumpDifference(await dump(['--create']), script)).toEqual([])
  })
})
