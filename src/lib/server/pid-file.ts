import { join } from 'node:path'
import { readIfThere } from './files.ts'

/** What a running server says of itself in `postmaster.pid` (PostgreSQL's sources, miscadmin.h, LOCK_FILE_LINE_…). */
export interface PidFile {
  pid: number
  /** As the server was given it; another one when the folder has been moved or copied since. */
  dataDirectory: string
  startedAt: Date
  port: number
  /** Whether it accepts connections; it may be starting or stopping. */
  ready: boolean
}

/** Reads the text of a `postmaster.pid`; `undefined` for one that is empty or not fully written. */
export function parsePidFile(text: string): PidFile | undefined {
  const [pid, dataDirectory, startedAt, port, , , , state] = text.split('\n').map((line) => line.trim())
  const numbers = [pid, startedAt, port].map(Number)
  if (!dataDirectory || numbers.some((number) => !Number.isSafeInteger(number) || number === 0))
    return undefined
  return {
    // A server in single-user mode writes its pid with a minus.
    pid: Math.abs(Number(pid)),
    dataDirectory,
    startedAt: new Date(Number(startedAt) * 1000),
    port: Number(port),
    ready: state === 'ready',
  }
}

/** Path of a data directory's `postmaster.pid`. */
export function pidFilePath(dataDirectory: string): string {
  return join(dataDirectory, 'postmaster.pid')
}

/** The text of `postmaster.pid`, or `undefined` when there is none: the server is not running. */
export function readPidFile(dataDirectory: string): Promise<string | undefined> {
  return readIfThere(pidFilePath(dataDirectory))
}
