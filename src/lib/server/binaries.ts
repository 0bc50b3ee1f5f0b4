import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { throwIfAborted } from '../errors.ts'
import { copyBinaries } from './binaries-copy.ts'
import { errnoOf } from './errno.ts'
import { makeLibraryLinks } from './library-links.ts'
import type { SystemUser } from './passwd.ts'
import { noEmbeddedServer, platformPackage } from './platform-package.ts'
import { runProgram } from './program.ts'

/** The PostgreSQL programs that can be run here: absolute paths. */
export interface Binaries {
  initdb: string
  postgres: string
  pgCtl: string
  /** As PostgreSQL counts, e.g. `17.10`. */
  version: string
}

export interface FindBinariesOptions {
  /** The account that is to run them; `undefined` for our own. */
  user?: SystemUser | undefined
  /** Folder of the platform's npm package; found beside our own package when not given. */
  packageFolder?: string | undefined
  /** Folders for a copy, best first. */
  places?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

/**
 * Finds the npm package for the platform, from where our own package lies and not from where the user stands.
 * @returns its folder
 * @throws {CruddurError} `NO_EMBEDDED_SERVER`
 */
export function findPackage(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  const name = platformPackage(platform, architecture)
  if (name === undefined)
    throw noEmbeddedServer(`PostgreSQL is not packaged for ${platform} on ${architecture}`)
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw noEmbeddedServer(`the package ${name} is not installed`, error)
  }
}

function programs(packageFolder: string): Omit<Binaries, 'version'> {
  const path = (name: string) =>
    join(packageFolder, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  return { initdb: path('initdb'), postgres: path('postgres'), pgCtl: path('pg_ctl') }
}

/** What a try-out says: the programs, or why they do not run and whether a copy elsewhere may. */
type TryOut = { binaries: Binaries } | { failure: string; copyMayHelp: boolean }

/** Asks PostgreSQL for its version: the surest way to know that the account can run it, libraries and all. */
async function tryOut(packageFolder: string, { user, signal }: FindBinariesOptions): Promise<TryOut> {
  const found = programs(packageFolder)
  try {
    const { code, stdout, stderr } = await runProgram(found.postgres, ['--version'], { user, signal })
    const version = /^postgres \(PostgreSQL\) (\S+)/.exec(stdout)?.[1]
    if (code === 0 && version !== undefined) return { binaries: { ...found, version } }
    return { failure: stderr.trim().split('\n')[0] ?? '', copyMayHelp: !stderr.includes('GLIBC') }
  } catch (error) {
    throwIfAborted(signal)
    // The package is there, but not the loader that its programs name: they are made for glibc.
    if (errnoOf(error) === 'ENOENT')
      return { failure: 'its programs need glibc, and this system has none', copyMayHelp: false }
    return {
      failure: `${errnoOf(error) ?? String(error)} when starting ${found.postgres}`,
      copyMayHelp: true,
    }
  }
}

async function linkLibraries(packageFolder: string): Promise<void> {
  // Where it cannot be done (a read-only node_modules), the try-out fails and a copy is made.
  await makeLibraryLinks(packageFolder).catch(() => undefined)
}

/**
 * Finds the embedded PostgreSQL programs and makes sure that the account can run them: links missing libraries, and
 * copies everything to a place in reach where the package itself is out of it.
 * @throws {CruddurError} `NO_EMBEDDED_SERVER`, `INTERRUPTED`
 */
export async function findBinaries(options: FindBinariesOptions = {}): Promise<Binaries> {
  const packageFolder = options.packageFolder ?? findPackage()
  await linkLibraries(packageFolder)
  const first = await tryOut(packageFolder, options)
  if ('binaries' in first) return first.binaries
  const copy = first.copyMayHelp && (await copyPackage(packageFolder, options))
  if (!copy) throw noEmbeddedServer(first.failure)
  const second = await tryOut(copy, options)
  if ('binaries' in second) return second.binaries
  throw noEmbeddedServer(second.failure)
}

async function copyPackage(
  packageFolder: string,
  { places }: FindBinariesOptions,
): Promise<string | undefined> {
  const facts: { version: string } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'))
  return copyBinaries(packageFolder, `postgresql-${facts.version}-${basename(packageFolder)}`, places)
}
