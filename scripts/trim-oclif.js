// What the bundle leaves out of @oclif/core, and why. This CLI has a manifest, no plugins and no TypeScript to compile;
// what core loads at start for those who have takes a third of the time of `cruddur --version`.
import { readFileSync } from 'node:fs'

/** Packages that core loads at start and that are never called here. */
const NEVER_CALLED = {
  minimatch: 'matches the names of dev plugins',
  tinyglobby: 'finds command files when there is no manifest',
  'cli-spinners': 'frames of the ux.action spinner; progress is ours',
}

/** Begins the id of a module that no file holds. */
const VIRTUAL = '\0never-called:'

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

/** Pieces of core's own modules and what stands in their place, by the module's path in lib/. */
const PIECES = {
  // `localeCompare` initialises ICU (5–28 ms); ids are ASCII, so comparing code units gives the same order.
  'config/plugin.js': ['a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : a.id > b.id ? 1 : 0)'],
  // Only for flags that read standard input, of which there are none here.
  'parser/parse.js': [
    'const node_readline_1 = require("node:readline");',
    'const node_readline_1 = { createInterface: (options) => require("node:readline").createInterface(options) };',
  ],
}

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
  return `Object.defineProperty(exports, '__esModule', { value: true })${contents}`
}

/** What stands for a package that is never called: it says so, should it be. */
function neverCalled(name) {
  return `module.exports = new Proxy({}, { get(_, key) {
    if (key === '__esModule') return undefined
    return () => { throw new Error('${name} is not part of the bundle (scripts/trim-oclif.js)') }
  } })`
}

/** The source of a module of core with one piece of it replaced. */
function replacePiece(path, piece, by) {
  const source = readFileSync(path, 'utf8')
  if (!source.includes(piece)) throw new Error(`${path} no longer holds "${piece}"`)
  return source.replace(piece, by)
}

/** A module of core by its path in lib/, or `undefined` for any other module. */
function pathInCore(id) {
  return /[\\/]@oclif[\\/]core[\\/]lib[\\/](.*)$/.exec(id)?.[1].replaceAll('\\', '/')
}

function contentsOf(id) {
  if (id.startsWith(VIRTUAL)) return neverCalled(id.slice(VIRTUAL.length))
  const path = pathInCore(id)
  if (path === undefined) return undefined
  if (Object.hasOwn(REPLACED, path)) return replacement(id, REPLACED[path])
  if (Object.hasOwn(PIECES, path)) return replacePiece(id, ...PIECES[path])
  return undefined
}

/** A plugin that does all this. It fails the build when core no longer looks as expected. */
export const trimOclif = {
  name: 'trim-oclif',
  resolveId: (id) => (Object.hasOwn(NEVER_CALLED, id) ? `${VIRTUAL}${id}` : undefined),
  load(id) {
    const code = contentsOf(id)
    return code === undefined ? undefined : { code, moduleType: 'js' }
  },
}
