import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What says that a folder is a project that cruddur works in; then what says that it is some project. */
const OWN_SIGNS = ['.cruddur', 'db/schema.sql', 'db/seed.sql']
const ANY_SIGNS = ['.env', 'package.json', '.git']

/** The folder and its parents, nearest first. */
function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at
    if (dirname(at) === at) return
  }
}

function nearestWith(folder: string, signs: readonly string[]): string | undefined {
  for (const at of upwards(folder)) if (signs.some((sign) => existsSync(join(at, sign)))) return at
  return undefined
}

/**
 * Finds the project that a folder belongs to: the nearest folder upwards with a database of cruddur's kind
 * (`db/schema.sql`, `.cruddur/`), else the nearest with a `.env`, a `package.json` or a repository, else the folder itself.
 */
export function findProjectRoot(folder: string): string {
  return nearestWith(folder, OWN_SIGNS) ?? nearestWith(folder, ANY_SIGNS) ?? folder
}

/** PostgreSQL cuts names at this many bytes (NAMEDATALEN − 1). */
const NAME_BYTES = 63

/**
 * The name of a project's database on its embedded server: the package's name, else the folder's, in lower case with
 * underscores.
 */
export function projectDatabaseName(root: string): string {
  const name = (packageName(root) ?? basename(root))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return (/^[a-z]/.test(name) ? name : `db_${name}`).slice(0, NAME_BYTES).replace(/_+$/, '')
}

function packageName(root: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name.replace(/^@[^/]+\//, '') : undefined
  } catch {
    return undefined
  }
}
