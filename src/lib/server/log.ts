import { tailLines } from './log-tail.ts'
import { serverFileError } from './server-errors.ts'
import { findState } from './state-folder.ts'

/** The end of a server's log. */
export interface ServerLog {
  /** The log's file; `undefined` when the project has no embedded server. */
  path: string | undefined
  lines: string[]
}

/** How many lines are shown when nobody says: a screenful. */
const DEFAULT_LINES = 50

/**
 * Reads the last lines of the embedded server's log.
 * @param lines how many at most
 * @throws {CruddurError} `SERVER_NOT_YOURS`
 */
export async function serverLog({
  projectRoot,
  lines = DEFAULT_LINES,
}: {
  projectRoot: string
  lines?: number | undefined
}): Promise<ServerLog> {
  try {
    const state = await findState(projectRoot)
    if (!state) return { path: undefined, lines: [] }
    return { path: state.logFile, lines: await tailLines(state.logFile, lines) }
  } catch (error) {
    throw serverFileError(error, projectRoot)
  }
}
