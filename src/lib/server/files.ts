import { randomBytes } from 'node:crypto'
import { lchown, lstat, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from './errno.ts'
import type { SystemUser } from './passwd.ts'

/** Codes that mean: there is no such file. Anything else (`EACCES` …) means that we cannot know. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR'])

/**
 * Whether there is a file, folder or link of that name.
 * @throws the system's error when we may not look
 */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (ABSENT.has(errnoOf(error) ?? '')) return false
    throw error
  }
}

/**
 * The text of a file, or `undefined` when there is none.
 * @throws the system's error when we may not read it
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (ABSENT.has(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** Hands a file or folder to the account; a link itself, not what it leads to. Does nothing without an account. */
export async function chown(path: string, user: SystemUser | undefined): Promise<void> {
  if (user) await lchown(path, user.uid, user.gid)
}

/** Hands a folder and everything in it to the account; links are not followed. */
export async function chownTree(folder: string, user: SystemUser): Promise<void> {
  await chown(folder, user)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chown(join(entry.parentPath, entry.name), user)
}

/** Writes a file so that a reader finds the old text or the new one, never a part. */
export async function writeWhole(
  path: string,
  text: string,
  { user, mode = 0o644 }: { user?: SystemUser | undefined; mode?: number } = {},
): Promise<void> {
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(unfinished, 'wx', mode)
    try {
      await file.writeFile(text)
      if (user) await file.chown(user.uid, user.gid)
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
  } finally {
    await rm(unfinished, { force: true })
  }
}
