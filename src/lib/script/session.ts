import type { QuotingContext } from './quoted-text.ts'
import type { Statement } from './statement.ts'

/** Stands for a value that depends on statements whose outcome is not known yet. */
export const PENDING: unique symbol = Symbol('pending')

/** Where `\connect` is to go; what is `undefined` stays as it is. */
export interface ConnectRequest {
  database: string | undefined
  user: string | undefined
  host: string | undefined
  port: string | undefined
}

/** Rows that a script asked for itself (`\gset`, `\gexec`): bytes, one per character. */
export interface AskedRows {
  columns: string[]
  rows: (string | null)[][]
}

/** Whoever runs the statements of a script: a connection, or a rehearsal that only looks at them. */
export interface ScriptSession extends Omit<QuotingContext, 'refuseAmbiguous'> {
  /** `standard_conforming_strings`, as far as it is known. */
  readonly standardStrings: boolean
  /** Whether the line `\.` is sent along with COPY data, as psql does for servers before 18. */
  readonly wantsCopyTerminator: boolean
  /**
   * The value of a variable that the session sets (`DBNAME`, `ERROR`, `ROW_COUNT`, `SERVER_VERSION_NUM` …), bytes one per
   * character; `null` if it sets no such variable; `PENDING` if its value depends on statements under way.
   */
  variable(name: string): string | null | typeof PENDING
  /** Takes a statement to run. A promise is returned when there is something to wait for. */
  run(statement: Statement): Promise<unknown> | undefined
  /** Whether the statement is a COPY whose data follows, so that `copyIn` must take it. */
  isCopyIn(statement: Statement): boolean
  /**
   * Runs a COPY … FROM STDIN; `data` may be called once for each COPY in the statement. Each piece of it may be written
   * over when the next one is asked for.
   * @param inline whether the data stands in the script, so that it must be read whatever happens
   */
  copyIn(statement: Statement, data: () => AsyncIterable<Buffer>, inline: boolean): Promise<void>
  /** Runs a statement and returns its last rows; `undefined` if it failed and the script goes on. */
  ask(statement: Statement): Promise<AskedRows | undefined>
  /** Waits until the outcome of every statement is known. */
  rest(): Promise<void>
  connect(request: ConnectRequest, statement: Statement): Promise<void>
  setEncoding(encoding: string, statement: Statement): Promise<void>
}
