import type { OnProgress } from '../progress.ts'
import type { Conditionals } from './conditional.ts'
import type { Lexer } from './lexer.ts'
import type { PENDING, ScriptSession } from './session.ts'
import type { ScriptFile } from './source.ts'
import type { Frame, Statement } from './statement.ts'
import type { Variables } from './variables.ts'

/** What an interpreter works with. */
export interface InterpreterOptions {
  session: ScriptSession
  variables: Variables
  /** Folder that `\i`, `\copy` and `\cd` are relative to. */
  directory: string
  /** Opens a file that the script includes or takes data from; `path` is absolute, `name` is for messages. */
  open(path: string, name: string): Promise<ScriptFile>
  /** Opens a file that the script takes data from; compressed data is not unpacked. */
  openData(path: string, name: string): Promise<ScriptFile>
  /** Runs a program for the script and gives what it writes to stdout; `undefined` when that is not allowed. */
  programs:
    | ((command: string, environment: Readonly<Record<string, string>>) => AsyncIterable<Buffer>)
    | undefined
  /** The environment for `\getenv` and for programs. */
  environment: Readonly<Record<string, string | undefined>>
  onProgress: OnProgress | undefined
  /** Told how many bytes on disk have been read. */
  onBytes: ((bytes: number) => void) | undefined
  signal: AbortSignal | undefined
}

/** What scripts share while they run: an interpreter, as the scripts see it. Texts hold bytes, one per character. */
export interface ScriptHost {
  readonly options: InterpreterOptions
  readonly session: ScriptSession
  readonly variables: Variables
  /** Changed by `\cd`. */
  directory: string
  /** Changed by `\setenv`. */
  readonly environment: Map<string, string>
  /** Set between `\restrict` and `\unrestrict`. */
  restrictKey: string | undefined
  /**
   * Runs a script that another one includes.
   * @param relative to the including script (`\ir`) instead of the working directory (`\i`)
   */
  include(path: string, relative: boolean, from: Frame, offset: number): Promise<void>
  /** `\getenv`. */
  getenv(name: string): string | undefined
  /** Text that the script writes. */
  write(stream: 'stdout' | 'stderr', bytes: string): void
  warn(frame: Frame, text: string): void
  /** Value of a variable, the script's own before the session's. */
  variable(name: string): string | undefined | typeof PENDING
}

/** One script being run, as its backslash commands see it. */
export interface RunningScript {
  readonly host: ScriptHost
  readonly frame: Frame
  readonly lexer: Lexer
  readonly conditionals: Conditionals
  /** The last statement, which `\g` and the like run again when there is no other. */
  previous: Statement | undefined
  /** The statement read so far, which stays as it is. */
  pending(): Statement | undefined
  /** Takes the statement read so far for a command that sends it, or the previous one if there is none. */
  takeForSending(): Statement | undefined
  /** Runs a statement for a command. */
  send(statement: Statement): Promise<void>
  /** Data within the script for `\copy … FROM STDIN`; the command's line has been read. */
  inlineData(): AsyncIterable<Buffer>
  /**
   * What a program that the script runs writes to its standard output.
   * @throws {ScriptFailure} `PROGRAM_REFUSED` unless programs are allowed
   */
  programOutput(command: string, offset: number): AsyncIterable<Buffer>
  /**
   * Stops the script because of what cruddur does not do, whatever ON_ERROR_STOP says.
   * @throws {ScriptFailure} kind `refused`
   */
  refuse(message: string, offset: number, code: string, hint: string): never
}
