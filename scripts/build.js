// Builds dist/: the CLI (bundled and code-split by esbuild, one entry per command and hook) and the library (tsc).
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeManifest } from './manifest.js'
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
  const notices = [...folders]
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
      return `## ${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`
    })
  writeFileSync('dist/cli/THIRD-PARTY-NOTICES.md', `# Packages bundled into the CLI\n\n${notices.join('\n')}`)
}

/** Small packages that are loaded faster as part of the bundle than from their own folders. */
const BUNDLED = new Set(['get-east-asian-width'])

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
}

async function buildCli() {
  const result = await build({
    entryPoints: ['src/cli.ts', ...sources('src/commands'), ...sources('src/hooks')],
    outbase: 'src',
    outdir: 'dist/cli',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // The AWS SDK's CommonJS builds are twice the size of its modules.
    mainFields: ['module', 'main'],
    minify: true,
    metafile: true,
    external: Object.keys({ ...pjson.dependencies, ...pjson.optionalDependencies }).filter(
      (name) => !BUNDLED.has(name),
    ),
    plugins: [trimOclif],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';import{fileURLToPath as __toPath}from'node:url';import{dirname as __toDir}from'node:path';const require=__createRequire(import.meta.url);const __filename=__toPath(import.meta.url);const __dirname=__toDir(__filename);",
    },
  })
  writeNotices(Object.keys(result.metafile.inputs))
  return result.metafile
}

function run(command, args) {
  execFileSync(process.execPath, [join('node_modules', ...command), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

rmSync('dist', { recursive: true, force: true })
const metafile = await buildCli()
if (process.argv.includes('--metafile')) writeFileSync('dist/metafile.json', JSON.stringify(metafile))
if (existsSync('src/index.ts')) run(['typescript', 'bin', 'tsc'], ['-p', 'tsconfig.build.json'])
if (!process.argv.includes('--keep-manifest')) writeManifest()
