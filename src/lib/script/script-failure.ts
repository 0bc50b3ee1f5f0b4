import type { ServerMessage } from '../postgres/server-message.ts'
import type { Position, Statement } from './statement.ts'

/**
 * Why a script stopped, before its place has been turned into lines and columns:
 * - `server`: the server refused a statement;
 * - `command`: a backslash command failed, as it would in psql;
 * - `refused`: cruddur does not do this, or not without being allowed to; known before anything is sent if possible.
 */
export type FailureKind = 'server' | 'command' | 'refused'

/** Thrown while a script runs; becomes a `ScriptError` once its place has been looked up. */
export class ScriptFailure extends Error {
  readonly kind: FailureKind
  readonly code: string
  readonly hint: string | undefined
  /** Where the statement or the command begins; `undefined` for cruddur's own COMMIT. */
  readonly position: Position | undefined
  readonly statement: Statement | undefined
  readonly server: ServerMessage | undefined

  constructor(
    message: string,
    facts: {
      kind: FailureKind
      code: string
      hint?: string | undefined
      position: Position | undefined
      statement?: Statement | undefined
      server?: ServerMessage | undefined
    },
  ) {
    super(message)
    this.kind = facts.kind
    this.code = facts.code
    this.hint = facts.hint
    this.position = facts.position
    this.statement = facts.statement
    this.server = facts.server
  }
}

/** The failure for a statement that the server refused. */
export function serverFailure(server: ServerMessage, statement: Statement): ScriptFailure {
  return new ScriptFailure(server.message, {
    kind: 'server',
    code: 'SQL_ERROR',
    hint: server.hint,
    position: statement.offset === -1 ? undefined : { frame: statement.frame, offset: statement.offset },
    statement,
    server,
  })
}
