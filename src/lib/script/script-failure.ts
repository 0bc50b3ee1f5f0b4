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

/** A zero byte ends a text in the protocol: the server would see half a statement. */
export function zeroByteFailure(statement: Statement): ScriptFailure {
  return new ScriptFailure('the statement holds a zero byte', {
    kind: 'command',
    code: 'ZERO_BYTE',
    hint: 'PostgreSQL texts cannot hold one; take it out of the script.',
    position: { frame: statement.frame, offset: statement.offset },
    statement,
    // What the server says to the half of the statement before it.
    server: { severity: 'ERROR', sqlstate: '42601', message: 'the statement holds a zero byte' },
  })
}

/** The script went on behind an error, and its COMMIT has become a ROLLBACK. */
export function rolledBackFailure(): ScriptFailure {
  return new ScriptFailure('the transaction had failed and was rolled back: nothing of the script was kept', {
    kind: 'command',
    code: 'TRANSACTION_FAILED',
    hint: 'The script switches ON_ERROR_STOP off; see the warnings above, or load it with --no-transaction.',
    position: undefined,
  })
}
