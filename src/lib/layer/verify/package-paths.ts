import type { PythonVersion } from '../runtimes.ts'

/** The folders in which Lambda's Python looks for packages: `python/`, and that of one version. */
const PACKAGES_FOLDER = /^python\/(?:lib\/python(\d+\.\d+)\/site-packages\/)?/

/** A path below a folder of packages. */
export interface PackagePath {
  /** `python` or `python/lib/python3.13/site-packages`. */
  folder: string
  /** The Python that looks there; `undefined` for `python/`, where every one does. */
  python: string | undefined
  /** The path from there on: `psycopg2/__init__.py`. */
  inside: string
}

/** Takes the path of a file in a layer apart; `undefined` for what is not where packages are. */
export function packagePath(path: string): PackagePath | undefined {
  const [prefix, python] = PACKAGES_FOLDER.exec(path) ?? []
  if (prefix === undefined) return undefined
  const inside = path.slice(prefix.length)
  // What is below python/lib but no site-packages belongs to nothing that Python looks into.
  if (inside === '' || (python === undefined && /^lib\/python\d/.test(inside))) return undefined
  return { folder: prefix.slice(0, -1), python, inside }
}

/** Whether a Python looks into the folder that a path is in. */
export function isSearchedBy(path: PackagePath, python: PythonVersion): boolean {
  return path.python === undefined || path.python === python
}

/** A file of an extension module, by its name. */
export interface ExtensionName {
  /** With dots: `psycopg2._psycopg`. */
  module: string
  /** What stands between the module and `.so`: `cpython-313-x86_64-linux-gnu`, `abi3`; empty for a bare `.so`. */
  tag: string
}

/** The tags that Pythons put into the names of extension modules (PEP 3149), and those of Windows. */
const EXTENSION = /^(.+?)(?:\.((?:cpython-|pypy|graalpy|abi3|cp\d)[^/.]*))?\.(?:so|pyd)$/

/** Reads the name of an extension module; `undefined` for other files. */
export function extensionName(inside: string): ExtensionName | undefined {
  const [, path, tag = ''] = EXTENSION.exec(inside) ?? []
  if (path === undefined) return undefined
  const name = path.slice(path.lastIndexOf('/') + 1)
  // Libraries may end in .so as well; a module's name is an identifier.
  if (!/^[A-Za-z_]\w*$/.test(name)) return undefined
  return { module: path.replaceAll('/', '.'), tag }
}
