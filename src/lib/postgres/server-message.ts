import { CruddurError, type ErrorKind } from '../errors.ts'

/** What the server says in an ErrorResponse or NoticeResponse ("Error and Notice Message Fields"). */
export interface ServerMessage {
  /** Not translated: ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG. */
  severity: string
  sqlstate: string
  message: string
  detail?: string
  hint?: string
  /** 1-based index of the character in the query text at which the error was noticed. */
  position?: number
  /** The same for a query that the server generated itself, and its text. */
  internalPosition?: number
  internalQuery?: string
  /** Call stack of the context, e.g. `COPY t, line 3, column a: "x"`. */
  where?: string
  schema?: string
  table?: string
  column?: string
  dataType?: string
  constraint?: string
}

type Field = Exclude<keyof ServerMessage, 'position' | 'internalPosition'>

const TEXT_FIELDS: Readonly<Record<string, Field>> = {
  V: 'severity',
  C: 'sqlstate',
  M: 'message',
  D: 'detail',
  H: 'hint',
  q: 'internalQuery',
  W: 'where',
  s: 'schema',
  t: 'table',
  c: 'column',
  d: 'dataType',
  n: 'constraint',
}

/**
 * Reads the fields of an ErrorResponse or NoticeResponse.
 * @param decode turns bytes in the session's client encoding into text
 * @throws {Error} when the message is not built as the protocol says
 */
export function parseServerMessage(
  buffer: Buffer,
  start: number,
  end: number,
  decode: (bytes: Buffer) => string = (bytes) => bytes.toString(),
): ServerMessage {
  const result: ServerMessage = { severity: 'ERROR', sqlstate: 'XX000', message: '' }
  let at = start
  while (at < end && buffer[at] !== 0) {
    const letter = String.fromCharCode(buffer[at] as number)
    const stop = buffer.indexOf(0, at + 1)
    if (stop === -1 || stop >= end) throw new Error('a message field without its zero byte')
    const value = decode(buffer.subarray(at + 1, stop))
    const field = TEXT_FIELDS[letter]
    if (field) result[field] = value
    else if (letter === 'P') result.position = Number(value)
    else if (letter === 'p') result.internalPosition = Number(value)
    at = stop + 1
  }
  return result
}

/** An error that the server reported. `code` is `SQL_ERROR` unless the situation has a name of its own. */
export class ServerError extends CruddurError {
  override readonly name: string = 'ServerError'
  readonly server: ServerMessage

  constructor(
    server: ServerMessage,
    overrides: { code?: string; message?: string; hint?: string | undefined; kind?: ErrorKind } = {},
  ) {
    super(overrides.message ?? server.message, {
      code: overrides.code ?? 'SQL_ERROR',
      hint: overrides.hint ?? server.hint,
      kind: overrides.kind,
      details: { ...server },
    })
    this.server = server
  }

  get sqlstate(): string {
    return this.server.sqlstate
  }
}
