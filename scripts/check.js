// Everything that must hold besides the tests: format, lint, types, unused code, the package's contents, the manifest.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeManifest } from './manifest.js'

/** What the published package must hold, and what must not get into it. */
const PACKED = [
  'bin/run.js',
  'dist/cli/cli.js',
  'dist/cli/commands/db/setup.js',
  'dist/cli/THIRD-PARTY-NOTICES.md',
  'dist/library/index.js',
  'dist/library/index.d.ts',
  'oclif.manifest.json',
  'README.md',
  'LICENSE',
  'package.json',
]
const NOT_PACKED = /^(?:src|test|bench|scripts|examples|\.ci|\.cruddur|node_modules)\/|\.env|\.tgz$/
/** Bytes of the packed tarball that would mean that something large got in by mistake. */
const PACKED_LIMIT = 1_500_000

function tool(name, ...args) {
  const { status, stdout, stderr } = spawnSync(join('node_modules', '.bin', name), args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}

function checkPackage() {
  const [pack] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  const files = pack.files.map(({ path }) => path)
  const missing = PACKED.filter((path) => !files.includes(path))
  const foreign = files.filter((path) => NOT_PACKED.test(path))
  if (missing.length > 0) throw new Error(`missing from the package: ${missing.join(', ')}`)
  if (foreign.length > 0) throw new Error(`not for the package: ${foreign.join(', ')}`)
  if (pack.size > PACKED_LIMIT) throw new Error(`the package has ${pack.size} bytes`)
}

/** The manifest is committed: it is what starts fast, and a change of it is a change of what users see. */
function checkManifest() {
  const before = readFileSync('oclif.manifest.json', 'utf8')
  writeManifest()
  if (readFileSync('oclif.manifest.json', 'utf8') !== before)
    throw new Error('oclif.manifest.json was stale; it is fresh now: commit it')
}

const CHECKS = [
  ['format', () => tool('oxfmt', '--check')],
  ['lint', () => tool('oxlint', '--deny-warnings')],
  ['types', () => tool('tsc', '-p', '.')],
  ['unused code', () => tool('knip')],
  [
    'build',
    () => execFileSync(process.execPath, ['scripts/build.js', '--keep-manifest'], { stdio: 'inherit' }),
  ],
  ['manifest is fresh', checkManifest],
  ['package contents', checkPackage],
  ['package exports', () => tool('publint', '--strict')],
]

let failed = 0
for (const [name, check] of CHECKS) {
  const started = performance.now()
  try {
    check()
    console.log(`✔ ${String(name)} (${Math.round(performance.now() - started)} ms)`)
  } catch (error) {
    failed += 1
    console.log(`✖ ${String(name)}\n${error.message}`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
