import type { CruddurError } from '../errors.ts'
import type { QueryResult } from '../postgres/query.ts'
import type { ScriptFailure } from '../script/script-failure.ts'
import type { Statement } from '../script/statement.ts'

/** Who is shown what the statements bring. */
export interface SessionView {
  result(result: QueryResult): Promise<void>
  /** The server waits for the data of a COPY that follows in the text. */
  copyIn(statement: Statement): void
  /** Data of COPY … TO STDOUT; false when the next data should wait for `copyDrained`. */
  copyOut(chunk: Buffer): boolean
  copyDrained(): Promise<void>
  /** A statement has ended after so many milliseconds. */
  took(milliseconds: number): void
  /** An error that does not stop what is going on (ON_ERROR_STOP off). */
  error(failure: ScriptFailure): Promise<void>
  /** The connection broke while a statement ran. */
  lost(error: CruddurError): void
  /** A remark of ours. */
  note(text: string): void
}
