// Builds dist/: the CLI (bundled by rolldown, a file per topic) and the library (tsc).
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { builtins } from './builtins.js'
import { writeManifest } from './manifest.js'
import { chunkGroups, entries, topics, writeCommandFiles } from './topics.js'
import { trimOclif } from './trim-oclif.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
process.chdir(root)
const pjson = JSON.parse(readFileSync('package.json', 'utf8'))

/** The packages that bundled files come from, with their licence texts: MIT and ISC ask for the notice. */
function writeNotices(inputs) {
  const folders = new Set()
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (found) folders.add(found[1])
  }
  // Most of them share a text, which need not stand there a hundred times.
  const texts = new Map()
  for (const folder of [...folders].toSorted((one, other) => (one < other ? -1 : 1))) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file ? readFileSync(join(folder, file), 'utf8').trim() : ''
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`])
  }
  const notices = [...texts].map(([text, packages]) => `## ${packages.join(', ')}\n\n${text}\n`)
  writeFileSync('dist/cli/THIRD-PARTY-NOTICES.md', `# Packages bundled into the CLI\n\n${notices.join('\n')}`)
}

/** Packages that are loaded faster as part of the bundle: small ones, and large ones of which little is used. */
const BUNDLED =
  /^(?:get-east-asian-width|ipaddr\.js|smol-toml|@renovatebot\/pep440|@aws-sdk\/.*|@smithy\/.*)$/

async function buildCli() {
  const bundle = await rolldown({
    input: entries,
    platform: 'node',
    external: Object.keys({ ...pjson.dependencies, ...pjson.optionalDependencies }).filter(
      (name) => !BUNDLED.test(name),
    ),
    // The AWS SDK's CommonJS builds are twice the size of its modules.
    resolve: { mainFields: ['module', 'main'] },
    plugins: [topics, builtins, trimOclif],
  })
  const { output } = await bundle.write({
    dir: 'dist/cli',
    format: 'es',
    minify: true,
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups: chunkGroups() },
  })
  await bundle.close()
  writeCommandFiles('dist/cli')
  writeNotices(output.flatMap(({ moduleIds }) => moduleIds ?? []))
}

function run(command, args) {
  execFileSync(process.execPath, [join('node_modules', ...command), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

rmSync('dist', { recursive: true, force: true })
await buildCli()
if (existsSync('src/index.ts')) run(['typescript', 'bin', 'tsc'], ['-p', 'tsconfig.build.json'])
if (!process.argv.includes('--keep-manifest')) writeManifest()
