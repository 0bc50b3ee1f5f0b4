import { throwIfAborted } from '../errors.ts'
import { runStep, type VerbOptions } from '../progress.ts'
import { findBinaries } from './binaries.ts'
import { copyPlaces, SYSTEM_STATE } from './binaries-copy.ts'
import { createCluster, prepareCluster } from './cluster.ts'
import { contact } from './contact.ts'
import { exists } from './files.ts'
import { chooseRunAs } from './run-as.ts'
import { serverFileError } from './server-errors.ts'
import type { ServerInfo } from './server-info.ts'
import { type Start, startUntilRunning } from './start-attempts.ts'
import { findState, planState, type StateFolder } from './state-folder.ts'

export interface StartServerOptions extends VerbOptions {
  /** The project that the server belongs to: an existing folder. */
  projectRoot: string
  /** How long a start may take, recovery after a crash included, in milliseconds. */
  timeout?: number | undefined
  /** Folder of the npm package with PostgreSQL's programs; found beside our own package when not given. */
  packageFolder?: string | undefined
  /** Where root keeps what the server's account cannot reach in the project. */
  systemFolder?: string | undefined
}

/** Five minutes: recovery after a crash reads what was written since the last checkpoint. */
const DEFAULT_TIMEOUT = 300_000

async function prepare(options: StartServerOptions, existing: StateFolder | undefined): Promise<Start> {
  const { projectRoot, packageFolder, signal, onProgress, systemFolder = SYSTEM_STATE } = options
  const hasData = existing !== undefined && (await exists(existing.dataDirectory))
  const user = await chooseRunAs(hasData ? [existing.dataDirectory, projectRoot] : [projectRoot])
  const binaries = await findBinaries({ user, packageFolder, places: copyPlaces(systemFolder), signal })
  const state = existing ?? (await planState(projectRoot, user, systemFolder))
  const deadline = performance.now() + (options.timeout ?? DEFAULT_TIMEOUT)
  return { state, binaries, user, deadline, onProgress, signal }
}

async function findOrStart(options: StartServerOptions): Promise<ServerInfo> {
  const { signal, onProgress, timeout = DEFAULT_TIMEOUT } = options
  throwIfAborted(signal)
  const existing = await findState(options.projectRoot)
  const running = existing && (await contact(existing, timeout, signal))
  if (running) return running
  const start = await prepare(options, existing)
  const { state, binaries } = start
  if (!(await exists(state.dataDirectory)))
    await runStep(onProgress, 'initdb', `Setting up PostgreSQL ${binaries.version} in ${state.folder}`, () =>
      createCluster(state, start),
    )
  await prepareCluster(state, start)
  return runStep(
    onProgress,
    'start',
    `Starting PostgreSQL ${binaries.version}`,
    () => startUntilRunning(start),
    ({ version, port }) => `PostgreSQL ${version} listens on port ${port}`,
  )
}

/**
 * Makes sure that the project's embedded server runs: finds the one that does, or starts it, setting its data up the
 * first time. It goes on running when this process ends. Several commands may do this at once; they all get the
 * same server. When interrupted, nothing half made is left: the server is up, or it is not.
 * @throws {CruddurError} `NO_EMBEDDED_SERVER`, `NO_UNPRIVILEGED_USER`, `SERVER_DISK_FULL`, `SERVER_VERSION_MISMATCH`,
 * `SERVER_INIT_FAILED`, `SERVER_START_FAILED`, `SERVER_START_TIMEOUT`, `SERVER_ELSEWHERE`, `SERVER_PASSWORD`,
 * `SERVER_NOT_YOURS`, `SERVER_FOLDER_READ_ONLY`, `SERVER_FOLDER_UNREACHABLE`, `INTERRUPTED`
 */
export async function startServer(options: StartServerOptions): Promise<ServerInfo> {
  try {
    return await findOrStart(options)
  } catch (error) {
    throw serverFileError(error, options.projectRoot)
  }
}
