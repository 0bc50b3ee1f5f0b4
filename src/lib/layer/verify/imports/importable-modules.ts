import type { Runtime } from '../../runtimes.ts'
import { KNOWN_PACKAGES } from '../known-packages.ts'
import type { LayerContext } from '../layer-context.ts'
import { extensionName, isSearchedBy, packagePath } from '../package-paths.ts'
import { recordPath } from '../packages.ts'
import { isPrunable } from '../prunable.ts'

/** A module of a layer that a function may import. */
export interface ImportableModule {
  /** With dots: `psycopg2._psycopg`. */
  module: string
  /** The file in the layer that it is made of. */
  file: string
  /** The package that is imported with it, `psycopg2`; the module itself when it is not inside of one. */
  root: string
  /** Whether its name alone says that it is a module: libraries may end in `.so` as well. */
  sure: boolean
}

/** Compiled modules whose names have no tag, and that are modules all the same. */
const UNTAGGED = new Set(KNOWN_PACKAGES.flatMap(({ compiled }) => compiled.map((path) => `${path}.so`)))

/** Scripts, which do what they do when they are imported. */
const SCRIPTS = /^bin\//

/**
 * The modules of a layer by which one sees whether its packages work: each package and single module, then all extension modules
 * inside of packages. Other modules are left out: many want what is optional, and those that matter are imported with their package.
 * What RECORD lists and is not there counts as well, unless it may be pruned.
 * @returns packages by name, each followed by its extension modules
 */
export function importableModules(layer: LayerContext, { python }: Runtime): ImportableModule[] {
  const paths = new Map<string, string>()
  for (const path of [...present(layer), ...recorded(layer)]) {
    const found = packagePath(path)
    if (!found || !isSearchedBy(found, python) || isPrunable(found.inside) || SCRIPTS.test(found.inside))
      continue
    // Python takes what is in site-packages before what is in python/.
    if (found.python !== undefined || !paths.has(found.inside)) paths.set(found.inside, path)
  }
  const roots = new Map<string, ImportableModule>()
  for (const [inside, file] of paths) {
    const module = rootModule(inside, paths)
    if (module !== undefined && !roots.has(module))
      roots.set(module, { module, file, root: module, sure: isSure(inside) })
  }
  const nested = new Map<string, ImportableModule>()
  for (const [inside, file] of paths) {
    const name = inside.endsWith('.so') ? extensionName(inside) : undefined
    if (!name || roots.has(name.module) || nested.has(name.module) || !isModuleName(name.module)) continue
    nested.set(name.module, {
      module: name.module,
      file,
      root: rootOf(name.module, roots),
      sure: isSure(inside),
    })
  }
  return [...roots.values(), ...nested.values()].toSorted(
    (a, b) =>
      compare(a.root, b.root) ||
      Number(a.module !== a.root) - Number(b.module !== b.root) ||
      compare(a.module, b.module),
  )
}

function present({ tree }: LayerContext): string[] {
  const files = new Set(tree.files.map(({ path }) => path))
  const links = tree.links.filter(({ leadsTo }) => leadsTo !== undefined && files.has(leadsTo))
  return [...files, ...links.map(({ path }) => path)]
}

function recorded({ packages }: LayerContext): string[] {
  return packages.flatMap((one) =>
    (one.record ?? []).filter(({ path }) => !isPrunable(path)).map(({ path }) => recordPath(one, path)),
  )
}

/** The module that a file is, when it is imported by itself: a package or module at the top, or a package in a namespace. */
function rootModule(inside: string, paths: ReadonlyMap<string, string>): string | undefined {
  const [, single] = /^([A-Za-z_]\w*)\.py$/.exec(inside) ?? []
  if (single !== undefined) return single
  if (!inside.includes('/')) return inside.endsWith('.so') ? extensionName(inside)?.module : undefined
  const [, folder] = /^(.*)\/__init__\.py$/.exec(inside) ?? []
  if (folder === undefined) return undefined
  const parts = folder.split('/')
  const above = parts.map((_, index) => parts.slice(0, index).join('/')).filter(Boolean)
  const module = parts.join('.')
  return isModuleName(module) && !above.some((one) => paths.has(`${one}/__init__.py`)) ? module : undefined
}

function rootOf(module: string, roots: ReadonlyMap<string, ImportableModule>): string {
  const parts = module.split('.')
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('.'))
  return above.find((one) => roots.has(one)) ?? module
}

function isSure(inside: string): boolean {
  return !inside.endsWith('.so') || UNTAGGED.has(inside) || extensionName(inside)?.tag !== ''
}

function isModuleName(module: string): boolean {
  return /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/.test(module)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
