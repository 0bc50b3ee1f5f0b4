import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync } from 'node:fs'
import { type FileHandle, open, readFile, readlink, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { notWritable } from './env-file-errors.ts'

/** Only its owner may read a file of passwords. */
export const PRIVATE_MODE = 0o600
const OWNER_MAY_WRITE = 0o200

/** How many symbolic links are followed, as Linux does. */
const MOST_LINKS = 40

/** Byte order marks of UTF-16, which a shell of Windows writes. */
const UTF_16: ReadonlySet<string> = new Set(['fffe', 'feff'])

/** The file as it is; all but the path is missing where there is none. */
export interface PresentFile {
  path: string
  bytes: Buffer
  stats: { mode: number; uid: number; gid: number } | undefined
}

/**
 * Reads a text file that is to be replaced.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE` where its kind or its mode is in the way; the system's error otherwise
 */
export async function readPresent(path: string): Promise<PresentFile> {
  const real = await followLinks(path)
  const stats = await stat(real).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (!stats) return { path: real, bytes: Buffer.alloc(0), stats }
  if (!stats.isFile()) throw notWritable(path, 'it is no file', 'Move what is there away.')
  // Root could, but whoever took the right away meant it.
  if ((stats.mode & OWNER_MAY_WRITE) === 0)
    throw notWritable(path, 'it is read-only', `If it may be changed: chmod u+w ${real}`)
  const bytes = await readFile(real)
  if (UTF_16.has(bytes.toString('hex', 0, 2)) || bytes.includes(0))
    throw notWritable(path, 'it is not UTF-8', 'Save it as UTF-8.')
  return { path: real, bytes, stats }
}

/** The file that symbolic links lead to; it need not exist. */
async function followLinks(path: string): Promise<string> {
  let at = resolve(path)
  for (let links = 0; links < MOST_LINKS; links++) {
    const next = await readlink(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EINVAL' || error.code === 'ENOENT' || error.code === 'UNKNOWN') return undefined
      throw error
    })
    if (next === undefined) return at
    at = resolve(dirname(at), next)
  }
  throw notWritable(path, 'its symbolic links lead in a circle', 'Put a file there.')
}

/**
 * Puts other bytes in the place of a file, with the mode 600 and its owner: completely or not at all.
 * @returns false if it is not as it was read any more: somebody else has changed it, which is not to be lost
 * @throws the system's error
 */
export async function replaceFile(present: PresentFile, bytes: Buffer): Promise<boolean> {
  const written = await writeBeside(present, bytes)
  try {
    if (!isUnchanged(present)) {
      await rm(written)
      return false
    }
    // At once, so that there is next to no time for others between the look and the exchange.
    renameSync(written, present.path)
  } catch (error) {
    await rm(written, { force: true })
    throw error
  }
  await keepFolder(dirname(present.path))
  return true
}

function isUnchanged({ path, bytes, stats }: PresentFile): boolean {
  try {
    const now = readFileSync(path)
    return stats !== undefined && bytes.equals(now)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return stats === undefined
  }
}

/**
 * Writes a file next to the present one, complete and on the disk, that may take its place.
 * @returns its path
 * @throws the system's error; nothing is left behind then
 */
export async function writeBeside({ path, stats }: PresentFile, bytes: Buffer): Promise<string> {
  const temporary = join(dirname(path), `${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  let file: FileHandle | undefined
  try {
    file = await open(temporary, 'wx', PRIVATE_MODE)
    await file.writeFile(bytes)
    // Only root may give a file away.
    if (stats) await file.chown(stats.uid, stats.gid).catch(() => undefined)
    await file.sync()
    await file.close()
    return temporary
  } catch (error) {
    await file?.close().catch(() => undefined)
    if (file) await rm(temporary, { force: true })
    throw error
  }
}

/** Has the folder's new entry on the disk, too, where the system can do that. */
async function keepFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
