import { randomBytes } from 'node:crypto'
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chown, exists } from './files.ts'
import type { SystemUser } from './passwd.ts'

/** The project's folder for what belongs to this machine only: `.cruddur`. */
export function homeOf(projectRoot: string): string {
  return join(projectRoot, '.cruddur')
}

async function buildHome(folder: string, projectRoot: string, user: SystemUser | undefined): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, '.gitignore'), '*\n')
  if (!user) return
  // The account that runs PostgreSQL must get through, whatever the umask is.
  await chmod(folder, 0o755)
  const { uid } = await stat(projectRoot)
  if (uid !== user.uid) return
  await chown(join(folder, '.gitignore'), user)
  await chown(folder, user)
}

/**
 * Makes `.cruddur`, which git ignores as a whole, where there is none; it appears complete, so that of two commands at
 * once neither sees half of it. As root it is handed to the project's owner when he is the one who runs the server.
 * @param user the account that runs the server; `undefined` for our own
 * @returns its path
 */
export async function makeHome(projectRoot: string, user: SystemUser | undefined): Promise<string> {
  const home = homeOf(projectRoot)
  if (await exists(home)) return home
  const unfinished = `${home}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await buildHome(unfinished, projectRoot, user)
    await rename(unfinished, home)
  } catch (error) {
    if (!(await exists(home))) throw error
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return home
}
