import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SystemUser } from './passwd.ts'

/** The search bit of a folder's mode (chmod(1)) for its owner, its group and everybody else. */
const OWNER_SEARCH = 0o100
const GROUP_SEARCH = 0o010
const OTHER_SEARCH = 0o001

async function maySearch(folder: string, user: SystemUser): Promise<boolean> {
  const { uid, gid, mode } = await stat(folder)
  if (uid === user.uid) return (mode & OWNER_SEARCH) !== 0
  // A child that Node starts under another account has that account's first group only.
  if (gid === user.gid) return (mode & GROUP_SEARCH) !== 0
  return (mode & OTHER_SEARCH) !== 0
}

/**
 * Whether the account can get into a folder: whether it may search the folder and everyone above it. Goes by owner and
 * mode; access control lists are not looked at.
 * @param folder absolute path of an existing folder
 */
export async function canReach(folder: string, user: SystemUser): Promise<boolean> {
  let current = await realpath(folder)
  for (;;) {
    if (!(await maySearch(current, user))) return false
    if (dirname(current) === current) return true
    current = dirname(current)
  }
}
