import { setTimeout as pause } from 'node:timers/promises'
import { CruddurError, InterruptedError } from '../errors.ts'
import { connect } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { queryRows } from '../postgres/query.ts'
import { readIfThere } from './files.ts'
import { LOOPBACK } from './port.ts'
import { folderIdentity } from './process-table.ts'
import { awaitReady, dataMajor, type Postmaster } from './running.ts'
import { embeddedTarget, type ServerInfo, SUPERUSER } from './server-info.ts'
import type { StateFolder } from './state-folder.ts'

function passwordError(state: StateFolder, message: string, cause?: unknown): CruddurError {
  return new CruddurError(message, {
    code: 'SERVER_PASSWORD',
    hint: `Write the password of the user ${SUPERUSER} into ${state.passwordFile}, or remove ${state.folder} if its data can go.`,
    details: { passwordFile: state.passwordFile },
    cause,
  })
}

async function readPassword(state: StateFolder): Promise<string> {
  const text = await readIfThere(state.passwordFile)
  if (text !== undefined) return text.trim()
  throw passwordError(state, `The embedded server's password file, ${state.passwordFile}, is gone.`)
}

async function openSession(
  state: StateFolder,
  port: number,
  password: string,
  signal: AbortSignal | undefined,
): Promise<Connection | undefined> {
  try {
    return await connect(embeddedTarget({ port, password }), { signal, wait: undefined })
  } catch (error) {
    const code = error instanceof CruddurError ? error.code : undefined
    // Somebody has dropped the database postgres: the server is there all the same.
    if (code === 'NO_DATABASE') return undefined
    if (code !== 'WRONG_PASSWORD') throw error
    throw passwordError(
      state,
      `The embedded server does not accept the password in ${state.passwordFile}.`,
      error,
    )
  }
}

/** Whether the server behind the session serves this data directory: for systems that do not tell by the process. */
async function servesData(connection: Connection, dataDirectory: string): Promise<boolean> {
  const [row] = await queryRows(connection, 'SHOW data_directory')
  return (await folderIdentity(row?.['data_directory'] ?? '')) === (await folderIdentity(dataDirectory))
}

/** How often a connection that breaks off is tried again: the server was killed or restarted at that very moment. */
const ATTEMPTS = 3

/** Pause between two of them, in milliseconds. */
const RETRY_PAUSE = 50

/** Whether the server may have gone away while it was talked to. */
function brokeOff(error: unknown): boolean {
  return error instanceof CruddurError && error.kind === 'unreachable'
}

/** The server's version, by a session; `undefined` when it turns out to be another server. */
async function askVersion(
  state: StateFolder,
  postmaster: Postmaster,
  password: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  let connection: Connection | undefined
  try {
    connection = await openSession(state, postmaster.port, password, signal)
    if (!connection) return (await dataMajor(state)) ?? ''
    if (!postmaster.confirmed && !(await servesData(connection, state.dataDirectory))) return undefined
    return connection.parameters.get('server_version') ?? ''
  } catch (error) {
    // The process was never the server: what listens there, if anything, is somebody else's.
    if (!postmaster.confirmed && !(error instanceof InterruptedError)) return undefined
    throw error
  } finally {
    connection?.leave()
  }
}

/**
 * Gets in touch with the server of a state: reads `postmaster.pid`, makes sure that the process is the server of this
 * folder, and opens a session. Costs a few milliseconds.
 * @param patience how long to wait for one that is starting, in milliseconds
 * @returns `undefined` when it does not run
 * @throws {CruddurError} `SERVER_PASSWORD`, `INTERRUPTED`, and what `connect` throws
 */
export async function contact(
  state: StateFolder,
  patience: number,
  signal?: AbortSignal,
): Promise<ServerInfo | undefined> {
  const deadline = performance.now() + patience
  for (let attempt = 1; ; attempt++) {
    const postmaster = await awaitReady(state, deadline, signal)
    if (postmaster === undefined) return undefined
    const password = await readPassword(state)
    try {
      const version = await askVersion(state, postmaster, password, signal)
      return version === undefined ? undefined : describe(state, postmaster, password, version)
    } catch (error) {
      if (attempt === ATTEMPTS || !brokeOff(error)) throw error
    }
    await pause(RETRY_PAUSE)
  }
}

function describe(state: StateFolder, postmaster: Postmaster, password: string, version: string): ServerInfo {
  return {
    host: LOOPBACK,
    port: postmaster.port,
    user: SUPERUSER,
    password,
    version,
    pid: postmaster.pid,
    dataDirectory: state.dataDirectory,
    logFile: state.logFile,
    since: postmaster.startedAt,
    startedNow: false,
  }
}
