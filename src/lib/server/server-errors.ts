import { CruddurError } from '../errors.ts'
import { errnoOf } from './errno.ts'
import type { StateFolder } from './state-folder.ts'

/** How the system and PostgreSQL say that there is no room (strerror of ENOSPC and EDQUOT, untranslated). */
const DISK_FULL = /No space left on device|Disk quota exceeded/

/** Whether a program's output tells of a full disk. */
export function tellsDiskFull(text: string): boolean {
  return DISK_FULL.test(text)
}

/** The error for a disk without room. */
export function diskFull(folder: string, cause?: unknown): CruddurError {
  return new CruddurError(`The disk that holds ${folder} is full.`, {
    code: 'SERVER_DISK_FULL',
    hint: 'Make room (an empty server takes about 50 MB) and run the command again.',
    details: { folder },
    cause,
  })
}

function notOurs(path: string, cause: unknown): CruddurError {
  return new CruddurError(`This account may not use ${path}, which the embedded server needs.`, {
    code: 'SERVER_NOT_YOURS',
    hint: 'Run the command as the account that owns it, or as root.',
    details: { path },
    cause,
  })
}

/** The path that an error of the file system is about. */
function pathOf(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
}

/** Puts an error of the file system into words; every other error stays what it is. */
export function serverFileError(error: unknown, folder: string): unknown {
  if (error instanceof CruddurError) return error
  const code = errnoOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, error)
  if (code === 'EACCES' || code === 'EPERM') return notOurs(pathOf(error) ?? folder, error)
  if (code === 'EROFS')
    return new CruddurError(`The embedded server's folder, ${folder}, is on a read-only file system.`, {
      code: 'SERVER_FOLDER_READ_ONLY',
      hint: 'Run the command where the project can be written, or set CONNECTION_URL to a server.',
      details: { folder },
      cause: error,
    })
  return error
}

/** Severities with which PostgreSQL gives up; only the first such line tells the reason. */
const FATAL = /(?:FATAL|PANIC):\s+(.*)$/

/** How many lines of the log an error shows. */
const SHOWN_LINES = 10

/** The error for a server that did not come up, with the end of its log. */
export function startFailed(state: StateFolder, log: readonly string[]): CruddurError {
  const shown = log.slice(-SHOWN_LINES)
  const reason = log.map((line) => FATAL.exec(line)?.[1]).find((found) => found !== undefined) ?? shown.at(-1)
  const sentence = `The embedded PostgreSQL did not start${reason ? `: ${reason}` : ''}.`
  return new CruddurError([sentence, ...shown.map((line) => `  ${line}`)].join('\n'), {
    code: 'SERVER_START_FAILED',
    hint: `See ${state.logFile}; if its data can go, remove ${state.folder} and start again.`,
    details: { logFile: state.logFile, dataDirectory: state.dataDirectory, log: shown },
  })
}

/** The error for a server that takes too long; it has been stopped again. */
export function startTimeout({ logFile }: StateFolder): CruddurError {
  return new CruddurError(
    'The embedded PostgreSQL did not accept connections in time, and was stopped again.',
    {
      code: 'SERVER_START_TIMEOUT',
      hint: `See ${logFile} for what it was doing, and run the command again.`,
      details: { logFile },
    },
  )
}

/** The error for data of another major version of PostgreSQL. */
export function versionMismatch(state: StateFolder, dataMajor: string, programVersion: string): CruddurError {
  const old = `${state.folder}-${dataMajor}`
  return new CruddurError(
    `The data in ${state.dataDirectory} are PostgreSQL ${dataMajor}'s; this cruddur brings PostgreSQL ${programVersion}.`,
    {
      code: 'SERVER_VERSION_MISMATCH',
      hint: `Keep them and begin anew: mv ${state.folder} ${old}; or go back to the cruddur that made them and dump them first.`,
      details: { dataDirectory: state.dataDirectory, dataMajor, programVersion },
    },
  )
}
