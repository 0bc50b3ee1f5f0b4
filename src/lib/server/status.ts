import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { contact } from './contact.ts'
import { dataMajor, findPostmaster } from './running.ts'
import { serverFileError } from './server-errors.ts'
import { findState } from './state-folder.ts'

/** What there is of a project's embedded server. */
export type ServerStatus =
  /** It was never started here. */
  | { state: 'absent' }
  | ({ state: 'stopped' } & ServerFacts)
  | ({
      state: 'running'
      pid: number
      port: number
      since: Date
      /** Whether it accepts connections; it may be starting or stopping. */
      ready: boolean
    } & ServerFacts)

interface ServerFacts {
  /** Of the running server, e.g. `17.10`; of its data when it does not run: `17`. */
  version: string
  dataDirectory: string
  logFile: string
  /** What the data directory takes, in bytes. */
  dataBytes: number
}

/** The sizes of all files in a folder, in bytes. Files may come and go meanwhile. */
async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return folderBytes(path)
      return stat(path).then(
        ({ size }) => size,
        () => 0,
      )
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function findStatus(projectRoot: string): Promise<ServerStatus> {
  const state = await findState(projectRoot)
  if (!state) return { state: 'absent' }
  const { dataDirectory, logFile } = state
  const postmaster = await findPostmaster(state)
  const [major, dataBytes] = await Promise.all([dataMajor(state), folderBytes(dataDirectory)])
  const facts = { version: major ?? '', dataDirectory, logFile, dataBytes }
  if (!postmaster) return { state: 'stopped', ...facts }
  const { pid, port, ready, startedAt: since } = postmaster
  // One that does not let us in is running all the same.
  const info = ready ? await contact(state, 0).catch(() => undefined) : undefined
  if (!postmaster.confirmed && !info) return { state: 'stopped', ...facts }
  return { state: 'running', pid, port, since, ready, ...facts, version: info?.version ?? facts.version }
}

/**
 * Tells how it stands with the project's embedded server. Starts and changes nothing.
 * @throws {CruddurError} `SERVER_NOT_YOURS`
 */
export async function serverStatus({ projectRoot }: { projectRoot: string }): Promise<ServerStatus> {
  try {
    return await findStatus(projectRoot)
  } catch (error) {
    throw serverFileError(error, projectRoot)
  }
}
