import type { ArchitectureName } from '../architectures.ts'
import type { PythonVersion } from '../runtimes.ts'

/** Characters of the longest name that a layer may have. */
const LONGEST = 140

/** What a layer is called by when nobody says. */
export interface NamedAfter {
  /** Normalised names of the packages that were asked for on the command line. */
  packages: readonly string[]
  /** The folder of the file that was given, when it is one below `layers/`. */
  folder: string | undefined
  /** The project's name. */
  project: string
}

/**
 * The name of a layer that was given none: after the one package that was asked for, else after its folder below `layers/`, else after
 * the project; then Python's version and the architecture, as in `psycopg2-py313-arm64`. A package's `-binary` says how it was
 * built, not what it is.
 */
export function defaultName(
  { packages, folder, project }: NamedAfter,
  python: PythonVersion,
  arch: ArchitectureName,
): string {
  const [only] = packages
  const subject =
    only !== undefined && packages.length === 1 ? only.replace(/-binary$/, '') : (folder ?? project)
  const suffix = `-py${python.replace('.', '')}-${arch}`
  const plain = subject.replaceAll(/[^a-zA-Z0-9-_]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return `${(plain === '' ? 'layer' : plain).slice(0, LONGEST - suffix.length)}${suffix}`
}
