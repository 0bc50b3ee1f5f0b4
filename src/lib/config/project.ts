import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from '../errors.ts'

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

function bears(folder: string, signs: readonly string[]): boolean {
  return signs.some((sign) => existsSync(join(folder, sign)))
}

function nearestWith(folder: string, signs: readonly string[]): string | undefined {
  for (const at of upwards(folder)) if (bears(at, signs)) return at
  return undefined
}

/** Whether a folder is a project that cruddur works in already, and not just any. */
export function isOwnProject(folder: string): boolean {
  return bears(folder, OWN_SIGNS)
}

/**
 * Finds the project that a folder belongs to: the nearest folder upwards with a database of cruddur's kind
 * (`db/schema.sql`, `.cruddur/`), else the nearest with a `.env`, a `package.json` or a repository, else the folder itself.
 */
export function findProjectRoot(folder: string): string {
  return nearestWith(folder, OWN_SIGNS) ?? nearestWith(folder, ANY_SIGNS) ?? folder
}

/**
 * Makes sure that a folder that `findProjectRoot` gave is a project: a server that is started anywhere by mistake would
 * leave its data there, and make a project of all that lies below.
 * @throws {UsageError} `NO_PROJECT`
 */
export function requireProject(folder: string): void {
  if (bears(folder, OWN_SIGNS) || bears(folder, ANY_SIGNS)) return
  throw new UsageError(`${folder} belongs to no project, so there is no database of its own.`, {
    code: 'NO_PROJECT',
    hint: 'Go into the project, write db/schema.sql here to make it one, or name a database with --url.',
    details: { folder },
  })
}

/** PostgreSQL cuts names at this many bytes (NAMEDATALEN − 1). */
const NAME_BYTES = 63

/**
 * The name of a project's database on its embedded server: the package's name, else the folder's, in lower case with
 * underscores.
 */
export function projectDatabaseName(root: string): string {
  const name = projectName(root)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  return (/^[a-z]/.test(name) ? name : `db_${name}`).slice(0, NAME_BYTES).replace(/_+$/, '')
}

/** What a project is called: as its `package.json` says, else as its folder. */
export function projectName(root: string): string {
  return packageName(root) ?? basename(root)
}

function packageName(root: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name.replace(/^@[^/]+\//, '') : undefined
  } catch {
    return undefined
  }
}
