import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')
/** The executable under test, run by the Node that runs the bench. */
export const CRUDDUR = [process.execPath, join(ROOT, 'bin/run.js')]
/** The scripts of this project. */
export const SCHEMA = join(ROOT, 'db/schema.sql')
export const SEED = join(ROOT, 'db/seed.sql')

/** The dbmate that is compared with. */
const DBMATE_VERSION = '2.36.0'
/** How long npm may take to install it, in milliseconds. */
const INSTALL_TIMEOUT = 120_000

/** psql itself (Debian's `psql` is a Perl wrapper that costs 30 ms a start), and the one in the PATH. */
export function findPsql() {
  const folder = '/usr/lib/postgresql'
  const versions = existsSync(folder) ? readdirSync(folder).toSorted((a, b) => Number(b) - Number(a)) : []
  const bare = versions.map((version) => join(folder, version, 'bin/psql')).find((path) => existsSync(path))
  return { bare: bare ?? 'psql', onPath: 'psql' }
}

/**
 * dbmate as its npm package brings it, installed once into the cache: the executable that npm makes, and the binary.
 * @returns {{ npm: string, bare: string } | undefined} `undefined` when it cannot be installed
 */
export function findDbmate() {
  const folder = join(ROOT, 'node_modules/.cache/cruddur/dbmate')
  const npm = join(folder, 'node_modules/.bin/dbmate')
  if (!existsSync(npm)) {
    mkdirSync(folder, { recursive: true })
    try {
      const wanted = `dbmate@${DBMATE_VERSION}`
      execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', folder, wanted], {
        stdio: 'ignore',
        timeout: INSTALL_TIMEOUT,
      })
    } catch {
      return undefined
    }
  }
  const [bare] = globSync(join(folder, 'node_modules/@dbmate/*/bin/dbmate{,.exe}'))
  return bare === undefined ? undefined : { npm, bare }
}

/** Folder with the sample databases Northwind and Pagila, which are not part of the project. */
export function samplesFolder() {
  const folder = process.env.CRUDDUR_SAMPLES ?? join(ROOT, '../shared/sql-samples')
  return existsSync(folder) ? folder : undefined
}

/** What a program calls itself, e.g. "psql (PostgreSQL) 15.20". */
export function versionOf(program) {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).trim()
}
