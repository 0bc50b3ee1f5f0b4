// What the bundle leaves out of @oclif/core, and why. This CLI has a manifest, no plugins and no TypeScript to compile;
// what core loads at start for those who have takes a third of the time of `cruddur --version`.
import { readFileSync } from 'node:fs'

/** Packages that core loads at start and that are never called here. */
const NEVER_CALLED = {
  minimatch: 'matches the names of dev plugins',
  tinyglobby: 'finds command files when there is no manifest',
  'cli-spinners': 'frames of the ux.action spinner; progress is ours',
}

/** Core's own modules that are replaced, by their path in lib/: the same exports, without what they load. */
const REPLACED = {
  // Looks for the TypeScript sources of commands, and would compile them where NODE_ENV is test or development.
  'config/ts-path.js': `
    const { join } = require('node:path')
    exports.TS_CONFIGS = {}
    exports.tsPath = async (root, path) => path && (path.startsWith(root) ? path : join(root, path))`,
  // Measures core itself, with node:perf_hooks.
  'performance.js': `
    exports.OCLIF_MARKER_OWNER = '@oclif/core'
    exports.Performance = class { static enabled = false; static mark() {}; static async collect() {}; static debug() {} }`,
  // Writes to the package debug, which loads node:tty and node:util.
  'logger.js': `
    const nothing = () => {}
    const logger = { child: () => logger, debug: nothing, error: nothing, info: nothing, namespace: 'oclif', trace: nothing, warn: nothing }
    exports.getLogger = () => logger
    exports.makeDebug = () => nothing
    exports.setLogger = nothing
    exports.clearLoggers = nothing`,
  // Tells WSL from Linux and asks Windows for the parent process, with node:child_process.
  'util/os.js': `
    const os = require('node:os')
    exports.getHomeDir = () => os.homedir()
    exports.getPlatform = async () => os.platform()
    exports.getShell = async () => (process.env.SHELL ?? 'unknown').split('/').at(-1)`,
}

/** `localeCompare` of command ids initialises ICU (5–28 ms); ids are ASCII, so comparing code units gives the same order. */
const SLOW_SORT = 'a.id.localeCompare(b.id)'
const FAST_SORT = '(a.id < b.id ? -1 : a.id > b.id ? 1 : 0)'

/** The names that a CommonJS module exports. */
function exportedNames(source) {
  return [...source.matchAll(/^\s*exports\.(\w+) = /gm)]
    .map(([, name]) => name)
    .filter((name) => name !== '__esModule')
}

/** Replaces a module of core; fails when its exports are no longer those that the replacement has. */
function replacement(path, contents) {
  const missing = exportedNames(readFileSync(path, 'utf8')).filter(
    (name) => !exportedNames(contents).includes(name),
  )
  if (missing.length > 0)
    throw new Error(`${path} exports ${missing.join(', ')}, which its replacement does not`)
  return {
    contents: `Object.defineProperty(exports, '__esModule', { value: true })${contents}`,
    loader: 'js',
  }
}

/** An esbuild plugin that does all this. It fails the build when core no longer looks as expected. */
export const trimOclif = {
  name: 'trim-oclif',
  setup(build) {
    const names = Object.keys(NEVER_CALLED)
    build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'never-called',
    }))
    build.onLoad({ filter: /.*/, namespace: 'never-called' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get(_, name) {
        if (name === '__esModule') return undefined
        return () => { throw new Error('${path} is not part of the bundle (scripts/trim-oclif.js)') }
      } })`,
    }))
    for (const [name, contents] of Object.entries(REPLACED)) {
      const filter = new RegExp(`@oclif/core/lib/${name.replaceAll('.', '\\.')}$`)
      build.onLoad({ filter }, ({ path }) => replacement(path, contents))
    }
    build.onLoad({ filter: /@oclif\/core\/lib\/config\/plugin\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      if (!source.includes(SLOW_SORT)) throw new Error(`${path} no longer holds "${SLOW_SORT}"`)
      return { contents: source.replace(SLOW_SORT, FAST_SORT) }
    })
  },
}
