import { createHash } from 'node:crypto'
import { chmod, mkdir, realpath, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CruddurError } from '../errors.ts'
import { exists, readIfThere, writeWhole } from './files.ts'
import type { SystemUser } from './passwd.ts'
import { homeOf, makeHome } from './project-home.ts'
import { canReach } from './reach.ts'

/** Where everything of a project's embedded server lies: absolute paths. */
export interface StateFolder {
  /** The project, with links resolved. */
  projectRoot: string
  folder: string
  /** PostgreSQL's data directory. */
  dataDirectory: string
  logFile: string
  /** The superuser's password, readable by the server's account only. */
  passwordFile: string
  /** The port of the last start, to be taken again. */
  portFile: string
  /** Where the server was started last: the machine or a container. */
  placeFile: string
}

/** The paths of a state in the given folder. */
function stateIn(projectRoot: string, folder: string): StateFolder {
  return {
    projectRoot,
    folder,
    dataDirectory: join(folder, 'data'),
    logFile: join(folder, 'server.log'),
    passwordFile: join(folder, 'password'),
    portFile: join(folder, 'port'),
    placeFile: join(folder, 'place'),
  }
}

/** Where the state is in a project whose folder the server's account can get into. */
function insideOf(projectRoot: string): string {
  return join(homeOf(projectRoot), 'postgres')
}

/** Says where the state is when it is not in the project. */
function pointerOf(projectRoot: string): string {
  return join(homeOf(projectRoot), 'postgres.location')
}

/** In a state that is not in its project: names the project that it belongs to. */
function ownerFileOf(folder: string): string {
  return join(folder, 'project')
}

async function readLine(path: string): Promise<string | undefined> {
  return (await readIfThere(path))?.trim()
}

/**
 * Follows the project's pointer. A copied project has a copied pointer, to a state that is not its own; a moved one
 * takes its state along, which is told by no pointer being left at the old place.
 */
async function followPointer(projectRoot: string): Promise<string | undefined> {
  const folder = await readLine(pointerOf(projectRoot))
  if (folder === undefined || !(await exists(folder))) return undefined
  const owner = await readLine(ownerFileOf(folder))
  if (owner === projectRoot) return folder
  if (owner === undefined || (await readLine(pointerOf(owner))) === folder) return undefined
  await writeWhole(ownerFileOf(folder), `${projectRoot}\n`)
  return folder
}

/**
 * Finds the state of a project's server; `undefined` when it has none. A state is complete, or it is not there.
 * @param root path of the project
 */
export async function findState(root: string): Promise<StateFolder | undefined> {
  const projectRoot = await realpath(root)
  const inside = stateIn(projectRoot, insideOf(projectRoot))
  if (await exists(inside.dataDirectory)) return inside
  const outside = await followPointer(projectRoot)
  return outside === undefined ? undefined : stateIn(projectRoot, outside)
}

async function openSystemFolder(systemFolder: string, projectRoot: string, user: SystemUser): Promise<void> {
  try {
    await mkdir(systemFolder, { recursive: true })
    await chmod(systemFolder, 0o755)
  } catch (error) {
    throw new CruddurError(
      `PostgreSQL runs under the account ${user.name}, who cannot get into ${projectRoot}, and ${systemFolder} cannot be made.`,
      {
        code: 'SERVER_FOLDER_UNREACHABLE',
        hint: `Let ${user.name} through (chmod o+x on the folders above), move the project, or set CONNECTION_URL.`,
        cause: error,
      },
    )
  }
}

/** The project's folder in the system's: always the same one, and never one that now belongs to another project. */
async function outsideOf(projectRoot: string, systemFolder: string): Promise<string> {
  const hash = createHash('sha256').update(projectRoot).digest('hex').slice(0, 16)
  for (let number = 1; ; number++) {
    const folder = join(systemFolder, number === 1 ? hash : `${hash}-${number}`)
    if (!(await exists(folder)) || (await readLine(ownerFileOf(folder))) === projectRoot) return folder
  }
}

/**
 * Decides where the state of a project that has none will be, and prepares the way there: in the project's
 * `.cruddur/postgres`, or, where the account that runs PostgreSQL cannot get (a project of root's), in the system's
 * folder, with a pointer in `.cruddur`. There it may be found complete, left by an earlier checkout.
 * @param systemFolder e.g. `/var/lib/cruddur`
 * @throws {CruddurError} `SERVER_FOLDER_UNREACHABLE`
 */
export async function planState(
  root: string,
  user: SystemUser | undefined,
  systemFolder: string,
): Promise<StateFolder> {
  const projectRoot = await realpath(root)
  const home = await makeHome(projectRoot, user)
  if (user === undefined || (await canReach(home, user))) return stateIn(projectRoot, insideOf(projectRoot))
  await openSystemFolder(systemFolder, projectRoot, user)
  const state = stateIn(projectRoot, await outsideOf(projectRoot, systemFolder))
  if (await exists(state.dataDirectory)) await writeWhole(pointerOf(projectRoot), `${state.folder}\n`)
  return state
}

/**
 * Gives a finished state, built under another name, its own: at once, or not at all.
 * @returns false when another command was faster; then `unfinished` is still there
 */
export async function claimState(unfinished: string, state: StateFolder): Promise<boolean> {
  const outside = state.folder !== insideOf(state.projectRoot)
  if (outside) await writeFile(ownerFileOf(unfinished), `${state.projectRoot}\n`)
  let claimed = true
  try {
    await rename(unfinished, state.folder)
  } catch (error) {
    // A folder that holds something is not replaced: ENOTEMPTY, EEXIST, on Windows EPERM.
    if (!(await exists(state.dataDirectory))) throw error
    claimed = false
  }
  if (outside) await writeWhole(pointerOf(state.projectRoot), `${state.folder}\n`)
  return claimed
}
