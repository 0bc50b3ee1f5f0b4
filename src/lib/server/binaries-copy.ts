import { randomBytes } from 'node:crypto'
import { chmod, cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeLibraryLinks } from './library-links.ts'
import { isRoot } from './run-as.ts'

/** Where root keeps what outlives a command (Filesystem Hierarchy Standard 3.0, `/var/lib`). */
export const SYSTEM_STATE = '/var/lib/cruddur'

/**
 * The folders that may hold a copy of the programs, best first. The one in the temporary folder bears our user id, so
 * that users do not get into each other's way.
 */
export function copyPlaces(systemFolder = SYSTEM_STATE): string[] {
  const temporary = join(tmpdir(), `cruddur-${process.getuid?.() ?? 'programs'}`)
  return isRoot() ? [systemFolder, temporary] : [temporary]
}

/** Whether only we (or root) can have put something here: nobody else may plant a program for us to run. */
async function isOurs(folder: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  const { uid, mode } = await lstat(folder)
  return (uid === process.getuid?.() || uid === 0) && (mode & 0o022) === 0
}

/** Makes the folder where it is missing. Readable by all: the account that runs PostgreSQL is another one. */
async function preparePlace(folder: string): Promise<boolean> {
  try {
    if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755)
    return await isOurs(folder)
  } catch {
    return false
  }
}

/** Lets everyone read the copy, whatever the modes of the original and the umask are. */
async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openForReading(path)
    else if (!entry.isSymbolicLink()) await chmod(path, dirname(path).endsWith('bin') ? 0o755 : 0o644)
  }
}

async function copyPackage(packageFolder: string, target: string): Promise<void> {
  const unfinished = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(unfinished)
    await cp(join(packageFolder, 'native'), join(unfinished, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    })
    await makeLibraryLinks(unfinished)
    await openForReading(unfinished)
    await rename(unfinished, target)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/**
 * Copies the package's programs to a place that every account can reach, once: a copy that is there is used again. It
 * appears under its name when it is complete, or not at all; of two commands that copy at once one wins.
 * @param packageFolder the npm package, with `native/` in it
 * @param name the copy's name, different for each version
 * @returns the folder that takes the package's place, or `undefined` when none of the places can hold it
 */
export async function copyBinaries(
  packageFolder: string,
  name: string,
  places: readonly string[] = copyPlaces(),
): Promise<string | undefined> {
  for (const place of places) {
    if (!(await preparePlace(place))) continue
    const target = join(place, name)
    const isThere = () => isOurs(target).catch(() => false)
    if (await isThere()) return target
    await copyPackage(packageFolder, target).catch(() => undefined)
    if (await isThere()) return target
  }
  return undefined
}
