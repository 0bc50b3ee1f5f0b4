import { stat } from 'node:fs/promises'
import { CruddurError } from '../errors.ts'
import { systemUsers, type SystemUser } from './passwd.ts'

/** Accounts that may stand in for root when the folder's owner cannot, in order. `nobody` is on every Unix. */
const STAND_INS = ['postgres', 'nobody']

/** Whether this process is root and so must give up its rights: PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Chooses the account under which PostgreSQL runs when we are root: the owner of the first folder that is not root's, so
 * that the files can be used without root later, else `postgres`, else `nobody`. An owner without an entry in passwd will not do:
 * PostgreSQL looks its own account up and gives up when there is none.
 * @param folders existing folders, e.g. the data directory and the project
 * @returns `undefined` when this process is not root, and stays what it is
 * @throws {CruddurError} `NO_UNPRIVILEGED_USER`
 */
export async function chooseRunAs(
  folders: readonly string[],
  { root = isRoot(), users = systemUsers }: { root?: boolean; users?: () => Promise<SystemUser[]> } = {},
): Promise<SystemUser | undefined> {
  if (!root) return undefined
  const known = (await users()).filter(({ uid }) => uid !== 0)
  const owners = await Promise.all(folders.map(async (folder) => (await stat(folder)).uid))
  const chosen =
    owners.map((owner) => known.find(({ uid }) => uid === owner)).find((user) => user !== undefined) ??
    STAND_INS.map((name) => known.find((user) => user.name === name)).find((user) => user !== undefined)
  if (chosen) return chosen
  throw new CruddurError('PostgreSQL does not run as root, and there is no other account to run it under.', {
    code: 'NO_UNPRIVILEGED_USER',
    hint: 'Add an account named postgres (useradd --system postgres), or run the command as an ordinary user.',
  })
}
