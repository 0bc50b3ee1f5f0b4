import type { ArgumentReader } from '../arguments.ts'
import type { RunningScript } from '../host.ts'
import { ownStatement, type Statement } from '../statement.ts'

/** A backslash command as it was met in a script. */
export interface Command {
  name: string
  run: RunningScript
  reader: ArgumentReader
  /** Offset of the backslash in the script. */
  offset: number
}

/** What a command does once its line has been read; `quit` ends the script. */
export type Action = () => Promise<'quit' | void> | 'quit' | void

/** Reads a command's arguments and returns what is to be done, if anything. */
export type Handler = (command: Command) => Promise<Action | void>

/** A backslash command failed, in psql's words: the script stops unless ON_ERROR_STOP is off. */
export class CommandError extends Error {}

/** A statement that a command makes; `sql` holds bytes, one per character. */
export function commandStatement({ run, offset }: Command, sql: string): Statement {
  const text = Buffer.from(sql, 'latin1')
  return {
    ...ownStatement(''),
    frame: run.frame,
    text,
    offset,
    textOffset: offset,
    pieces: [{ bytes: text, offset, verbatim: false }],
  }
}

/** Turns the failure to open a file into one of the command. */
export function asCommandError(error: unknown): CommandError {
  return new CommandError(
    Buffer.from(error instanceof Error ? error.message : String(error)).toString('latin1'),
  )
}
