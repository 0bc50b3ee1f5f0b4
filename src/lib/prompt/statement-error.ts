import { CruddurError } from '../errors.ts'
import type { ServerMessage } from '../postgres/server-message.ts'
import { errorContext } from './message-text.ts'

/** A statement failed where nobody sits who could go on: what comes behind it was not run. */
export class StatementError extends CruddurError {
  override readonly name = 'StatementError'
  readonly server: ServerMessage

  /**
   * @param statement the text that was sent
   * @param line line of the input on which the statement begins, when it was read from a stream
   */
  constructor(server: ServerMessage, statement: string, line?: number) {
    super(`${line === undefined ? '' : `line ${line}: `}${server.message} (SQLSTATE ${server.sqlstate})`, {
      code: 'SQL_ERROR',
      hint: server.hint,
      context: errorContext(server, statement, line).join('\n'),
      details: { ...server, ...(line === undefined ? {} : { line }) },
    })
    this.server = server
  }
}
