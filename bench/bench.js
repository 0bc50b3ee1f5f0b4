import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formatMs, renderHead, renderTable } from './report.js'
import { BenchServer } from './server.js'
import { cached } from './suites/cached.js'
import { copy } from './suites/copy.js'
import { inserts } from './suites/inserts.js'
import { layer } from './suites/layer.js'
import { link } from './suites/link.js'
import { schema } from './suites/schema.js'
import { setup } from './suites/setup.js'
import { startup } from './suites/startup.js'
import { findPsql, ROOT, versionOf } from './tools.js'

/**
 * @typedef {object} Bench what a suite works with
 * @property {BenchServer} server
 * @property {string} folder for the scripts that it generates
 * @property {number} rounds how often each way runs, unless it is too slow
 * @property {number} delay milliseconds that bytes take each way over the slow link
 * @property {boolean} quick whether to do everything once and small: a test of the bench, not a measurement
 * @property {(name: string, ms: number) => void} onRun
 */

const SUITES = { startup, schema, link, inserts, copy, setup, cached, layer }
const RESULTS = join(ROOT, 'bench/results.md')
const ROUNDS = 7
/** Where temporary files are on a disk; /tmp may be in memory, or crowded, and making a file there dear. */
const DISK = '/var/tmp'
/** Half of a 30 ms link, in milliseconds. */
const DELAY = 15

function newest(folder) {
  const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
  return Math.max(...files.map((file) => statSync(join(file.parentPath, file.name)).mtimeMs))
}

/** What is measured is what users run: the build, and the one of these sources. */
function requireBuild() {
  const built = join(ROOT, 'dist/cli/cli.js')
  if (existsSync(built) && statSync(built).mtimeMs > newest('src')) return
  throw new Error('dist/ is missing or older than src/. Run: npm run build')
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
    },
  })
  const names = [...positionals, ...values.only]
  const unknown = names.filter((name) => !Object.hasOwn(SUITES, name))
  if (unknown.length > 0)
    throw new Error(`No suite ${unknown.join(', ')}; there are: ${Object.keys(SUITES).join(', ')}`)
  const rounds = Number(values.rounds ?? (values.quick ? 1 : ROUNDS))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a number, not ${values.rounds}`)
  return { names, rounds, quick: values.quick }
}

function requirePsql() {
  try {
    versionOf(findPsql().bare)
  } catch {
    throw new Error(
      'There is no psql here to compare with. Install it (Debian: apt install postgresql-client).',
    )
  }
}

/** Without what would make a child measure something else than what it is told to, and with its files on a disk. */
function setEnvironment() {
  if (existsSync(DISK)) process.env.TMPDIR ??= DISK
  for (const name of Object.keys(process.env))
    if (/^(?:PG.*|NODE_OPTIONS|NODE_.*COMPILE_CACHE|(?:PROD_)?CONNECTION_URL)$/.test(name))
      delete process.env[name]
}

function onRun(name, ms) {
  console.error(`  ${name}: ${formatMs(ms)}`)
}

async function main() {
  const { names, rounds, quick } = readArguments()
  requireBuild()
  requirePsql()
  setEnvironment()
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-bench-'))
  const server = await BenchServer.open()
  let stopping
  const stop = () =>
    (stopping ??= server.close().finally(() => rmSync(folder, { recursive: true, force: true })))
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void stop().finally(() => process.exit(130)))
  const bench = { server, folder, rounds, quick, delay: quick ? 1 : DELAY, onRun }
  const parts = [renderHead(await server.describe())]
  try {
    for (const name of names.length > 0 ? names : Object.keys(SUITES)) {
      console.error(name)
      for (const table of await SUITES[name](bench))
        parts.push(
          renderTable(
            quick ? { ...table, title: `${table.title} (quick: not a measurement)`, goals: [] } : table,
          ),
        )
    }
  } finally {
    await stop()
  }
  const text = parts.join('\n')
  console.log(text)
  if (names.length === 0 && !quick) writeFileSync(RESULTS, text)
  else console.error('Not written to bench/results.md: that takes all suites, and not --quick.')
}

try {
  await main()
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
