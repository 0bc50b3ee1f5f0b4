import type { Connection } from './connection.ts'
import { parseServerMessage, ServerError, type ServerMessage } from './server-message.ts'
import * as messages from './wire/messages.ts'
import { MessageType } from './wire/reader.ts'

/** A column of a result, as RowDescription gives it. */
interface Column {
  name: string
  /** Object identifier of the column's type. */
  typeId: number
}

/** The outcome of one statement, in text format. */
export interface QueryResult {
  /** Empty for a statement that returns no rows. */
  columns: Column[]
  rows: (string | null)[][]
  /** The command tag: `SELECT 3`, `CREATE TABLE`, …; empty for an empty statement. */
  command: string
}

export interface QueryOptions {
  /** Gives the data for a COPY … FROM STDIN, once for each; without it such a COPY fails. */
  copyIn?: (() => AsyncIterable<Buffer>) | undefined
  /** Gives texts as the bytes the server sent, one per character, instead of decoding them. */
  rawBytes?: boolean | undefined
  /** Receives the data of COPY … TO STDOUT; without it the data is thrown away. */
  onCopyOut?: ((chunk: Buffer) => void) | undefined
}

function bytesAsText(bytes: Buffer): string {
  return bytes.toString('latin1')
}

/** One Query message with all that comes back. */
class SimpleQuery {
  readonly results: QueryResult[] = []
  error: ServerMessage | undefined
  #current: QueryResult = { columns: [], rows: [], command: '' }
  readonly #connection: Connection
  readonly #options: QueryOptions
  #copying: Promise<void> | undefined

  constructor(connection: Connection, options: QueryOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Resolves when no more data is being read for a COPY; rejects if its source failed. */
  get copied(): Promise<void> {
    return this.#copying ?? Promise.resolve()
  }

  /** Takes a message; returns true when the exchange is over. */
  take(type: number, buffer: Buffer, start: number, end: number): boolean {
    const decode = this.#options.rawBytes ? bytesAsText : this.#connection.decode
    if (type === MessageType.rowDescription)
      this.#current.columns = parseRowDescription(buffer, start, decode)
    else if (type === MessageType.dataRow) this.#current.rows.push(parseDataRow(buffer, start, decode))
    else if (type === MessageType.commandComplete) this.#finish(decode(buffer.subarray(start, end - 1)))
    else if (type === MessageType.emptyQueryResponse) this.#finish('')
    else if (type === MessageType.errorResponse)
      this.error ??= parseServerMessage(buffer, start, end, this.#connection.decode)
    else if (type === MessageType.copyInResponse) this.#startCopy()
    else if (type === MessageType.copyData)
      this.#options.onCopyOut?.(Buffer.from(buffer.subarray(start, end)))
    return type === MessageType.readyForQuery
  }

  #startCopy(): void {
    const { copyIn } = this.#options
    if (copyIn) this.#copying = this.#sendData(copyIn())
    else this.#connection.write(messages.copyFail('COPY FROM STDIN has no data here'))
  }

  /** Sends the data; after an error it only reads on, so that the script goes on behind the data. */
  async #sendData(chunks: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const chunk of chunks) if (!this.error) await sendCopyData(this.#connection, chunk)
      if (!this.error) this.#connection.write(messages.COPY_DONE)
    } catch (error) {
      if (!this.error) this.#connection.write(messages.copyFail('the data could not be read'))
      throw error
    }
  }

  #finish(command: string): void {
    this.results.push({ ...this.#current, command })
    this.#current = { columns: [], rows: [], command: '' }
  }
}

/** Bytes of one CopyData message; the server keeps a whole one in memory. Measured: 8 to 64 KB are equal, more is slower. */
const COPY_DATA_BYTES = 64 * 1024

/**
 * Sends bytes as CopyData, without copying them. Resolves when the socket has taken them, so that their memory may be
 * used again, or when the connection is lost.
 */
export function sendCopyData(connection: Connection, chunk: Buffer): Promise<void> {
  return connection.corked((write) => {
    for (let at = 0; at < chunk.length; at += COPY_DATA_BYTES) {
      const data = chunk.subarray(at, at + COPY_DATA_BYTES)
      write(messages.copyDataHeader(data.length))
      write(data)
    }
  })
}

function parseRowDescription(buffer: Buffer, start: number, decode: (bytes: Buffer) => string): Column[] {
  const columns: Column[] = []
  let at = start + 2
  for (let left = buffer.readInt16BE(start); left > 0; left--) {
    const nameEnd = buffer.indexOf(0, at)
    columns.push({ name: decode(buffer.subarray(at, nameEnd)), typeId: buffer.readUInt32BE(nameEnd + 7) })
    // table (4), attribute number (2), type (4), type size (2), modifier (4), format (2)
    at = nameEnd + 19
  }
  return columns
}

function parseDataRow(buffer: Buffer, start: number, decode: (bytes: Buffer) => string): (string | null)[] {
  const row: (string | null)[] = []
  let at = start + 2
  for (let left = buffer.readInt16BE(start); left > 0; left--) {
    const length = buffer.readInt32BE(at)
    at += 4
    row.push(length === -1 ? null : decode(buffer.subarray(at, at + length)))
    if (length > 0) at += length
  }
  return row
}

/** What came back of a Query message: the results up to the error, and the error if there was one. */
export interface QueryOutcome {
  results: QueryResult[]
  error: ServerMessage | undefined
}

/**
 * Sends one or several statements in one Query message and gathers the results; an error is part of the outcome.
 * @throws {CruddurError} `CONNECTION_LOST`
 */
export function send(
  connection: Connection,
  sql: Buffer | string,
  options: QueryOptions = {},
): Promise<QueryOutcome> {
  return new Promise((resolve, reject) => {
    const exchange = new SimpleQuery(connection, options)
    connection.begin({
      onMessage(type, buffer, start, end) {
        if (!exchange.take(type, buffer, start, end)) return
        connection.end()
        exchange.copied.then(() => resolve({ results: exchange.results, error: exchange.error }), reject)
      },
      onLost(error) {
        connection.end()
        reject(error)
      },
    })
    connection.write(messages.query(sql))
  })
}

/**
 * Runs one or several statements and returns a result for each.
 * @throws {ServerError} the first error the server reported
 * @throws {CruddurError} `CONNECTION_LOST`
 */
export async function query(
  connection: Connection,
  sql: string,
  options: QueryOptions = {},
): Promise<QueryResult[]> {
  const { results, error } = await send(connection, sql, options)
  if (error) throw new ServerError(error)
  return results
}

/** The rows of a single statement as objects, keyed by column name. Values are text as the server writes it. */
export async function queryRows<T extends Record<string, string | null>>(
  connection: Connection,
  sql: string,
): Promise<T[]> {
  const [result] = await query(connection, sql)
  return rowsOf<T>(result)
}

/** The rows of a result as objects, keyed by column name. */
export function rowsOf<T extends Record<string, string | null>>(result: QueryResult | undefined): T[] {
  const names = result?.columns.map((column) => column.name) ?? []
  return (result?.rows ?? []).map(
    (row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])) as T,
  )
}

/**
 * Sends each statement in a Query message of its own, all in one packet, and gathers their outcomes: independent
 * statements for the price of one round trip. A failed one does not stop those behind it.
 */
export function pipeline(connection: Connection, statements: readonly string[]): Promise<QueryOutcome[]> {
  return new Promise((resolve, reject) => {
    const exchanges = statements.map(() => new SimpleQuery(connection, {}))
    let current = 0
    connection.begin({
      onMessage(type, buffer, start, end) {
        if (!exchanges[current]?.take(type, buffer, start, end)) return
        current += 1
        if (current < exchanges.length) return
        connection.end()
        resolve(exchanges.map(({ results, error }) => ({ results, error })))
      },
      onLost(error) {
        connection.end()
        reject(error)
      },
    })
    void connection.corked((write) => {
      for (const statement of statements) write(messages.query(statement))
    })
  })
}

/** Quotes a name for SQL: always in double quotes, inner ones doubled. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * Quotes a text for SQL as a literal that reads the same whatever `standard_conforming_strings` says: with a
 * backslash in it, it becomes an E string.
 */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''")
  return quoted.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}
