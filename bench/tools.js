import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')
/** The executable under test, run by the Node that runs the bench. */
export const CRUDDUR = [process.execPath, join(ROOT, 'bin/run.js')]

/** psql itself: Debian's `psql` is a Perl wrapper that costs 30 ms a start. */
export function findPsql() {
  const folder = '/usr/lib/postgresql'
  const versions = existsSync(folder) ? readdirSync(folder).toSorted((a, b) => Number(b) - Number(a)) : []
  const bare = versions.map((version) => join(folder, version, 'bin/psql')).find((path) => existsSync(path))
  return { bare: bare ?? 'psql', wrapper: 'psql' }
}

/** dbmate as its npm package brings it; installed once into the cache. */
export function findDbmate() {
  const folder = join(ROOT, 'node_modules/.cache/cruddur/dbmate')
  const bin = join(folder, 'node_modules/.bin/dbmate')
  if (existsSync(bin)) return bin
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', folder, 'dbmate@2.36.0'], {
      stdio: 'ignore',
    })
    return bin
  } catch {
    return undefined
  }
}

/** Folder with the sample databases Northwind and Pagila, which are not part of the project. */
export function samplesFolder() {
  const folder = process.env.CRUDDUR_SAMPLES ?? join(ROOT, '../shared/sql-samples')
  return existsSync(folder) ? folder : undefined
}
