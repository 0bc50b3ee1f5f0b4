import type { Connection } from '../postgres/connection.ts'
import type { Exchange } from '../postgres/exchange.ts'
import { sendCopyData } from '../postgres/query.ts'
import { parseServerMessage, type ServerMessage } from '../postgres/server-message.ts'
import { COPY_DONE, copyFail, FLUSH, SYNC } from '../postgres/wire/messages.ts'
import { MessageType } from '../postgres/wire/reader.ts'
import { GROUP_BYTES, GroupBuffer } from './group-buffer.ts'
import { characterCount } from './locate.ts'
import type { Statement } from './statement.ts'

/** Bytes that may be on their way without an answer before the pipeline waits. */
const IN_FLIGHT_BYTES = 4 * 1024 * 1024
/** From the how-manieth INSERT in a row on they share Query messages; a few are not worth the difference. */
const PACK_AFTER = 64

/** How many bytes are gathered before the first are sent; then four times as many, up to a whole group. */
const FIRST_BYTES = GROUP_BYTES / 64

const BEGIN = Buffer.from('BEGIN')
const COMMIT = Buffer.from('COMMIT')

/** Statements sent together, up to one ReadyForQuery. */
interface Group {
  /** One for each CommandComplete that is expected. */
  statements: Statement[]
  /** They share one Query message. */
  packed: boolean
  /** A COMMIT behind which it goes on: after how many of the statements. */
  commit: { at: number; onCommitted: () => void } | undefined
  completed: number
  bytes: number
}

/** A statement that failed, and what the server said. */
export interface PipelineFailure {
  statement: Statement
  server: ServerMessage
}

/**
 * Sends statements without waiting for their outcomes; for use where the first error makes all later ones fail, that
 * is in a transaction block. Each statement has messages of its own (Parse, Bind, Execute), so that the server reads
 * it only after those before it have run, exactly as when they are sent one by one; there is one Sync, and one
 * answer to wait for, per group. Long runs of INSERTs share Query messages instead, which the server runs faster.
 */
export class Pipeline implements Exchange {
  /** The first failure; nothing is sent after it. */
  failure: PipelineFailure | undefined
  readonly #connection: Connection
  readonly #inFlight: Group[] = []
  readonly #buffer = new GroupBuffer()
  #inFlightBytes = 0
  #group: Group = newGroup()
  #inserts = 0
  /** COPYs that have been announced and have not begun yet. */
  #copies = 0
  #active = false
  #lost: Error | undefined
  #wake: (() => void) | undefined
  /** The last CommandComplete, left in place: buffer, start, end. */
  #lastTag: [Buffer, number, number] | undefined
  /** How many bytes are gathered before they are sent; small at first, so that the server has something to do at once. */
  #sendAt = FIRST_BYTES

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Whether statements have been given whose outcome is not known. */
  get busy(): boolean {
    return this.#inFlight.length > 0 || this.#group.statements.length > 0
  }

  /** Whether everything of which the outcome is not known is in one group, which the server runs up to the first error. */
  get isOneGroup(): boolean {
    return this.#inFlight.length === 0 && !this.#group.packed
  }

  /** The command tag of the last statement that succeeded, e.g. `INSERT 0 1`. */
  get lastTag(): string {
    return this.#lastTag ? this.#lastTag[0].toString('latin1', this.#lastTag[1], this.#lastTag[2] - 1) : ''
  }

  /**
   * Takes a statement.
   * @returns a promise to wait for when too much is on its way
   */
  push(statement: Statement): Promise<void> | undefined {
    this.#inserts = 0
    this.#single(statement)
    if (this.#buffer.used < this.#sendAt) return undefined
    if (this.#sendAt >= GROUP_BYTES) return this.#flushAndWait()
    this.#sendAt *= 4
    this.#write()
    return undefined
  }

  /** Takes an INSERT, of which there may be very many. */
  pushInsert(statement: Statement): Promise<void> | undefined {
    this.#inserts += 1
    // With a backslash in a plain string the server must read the statement when its turn comes, not before.
    const single = this.#inserts <= PACK_AFTER || statement.plainBackslash || this.#group.commit !== undefined
    if (single) this.#single(statement)
    else this.#pack(statement)
    return this.#buffer.used >= GROUP_BYTES ? this.#flushAndWait() : undefined
  }

  /**
   * Takes a COMMIT behind which more follows in the same group (see `isOneGroup`): when anything before it fails, or it
   * fails itself, the server skips what follows.
   * @param onCommitted told as soon as it has been carried out
   */
  pushCommit(statement: Statement, onCommitted: () => void): void {
    this.#single(statement)
    this.#buffer.append(FLUSH)
    this.#group.commit = { at: this.#group.statements.length, onCommitted }
  }

  /** Takes a statement that is to be a transaction of its own; waits until the group has run when it is full. */
  pushWrapped(statement: Statement): Promise<void> | undefined {
    for (const text of [BEGIN, statement.text, COMMIT]) this.#single(statement, text)
    // As above: only one group may be on its way.
    return this.#buffer.used >= GROUP_BYTES ? this.rest() : undefined
  }

  /**
   * Takes a COPY … FROM STDIN with its data, which is sent as it is read, at the server's pace.
   * @throws {CruddurError} `CONNECTION_LOST`
   */
  async copy(statement: Statement, data: AsyncIterable<Buffer>): Promise<void> {
    this.#inserts = 0
    this.#single(statement)
    this.#copies += 1
    this.#write()
    try {
      for await (const chunk of data) {
        if (this.#lost) throw this.#lost
        if (this.failure) return
        await sendCopyData(this.#connection, chunk)
      }
      this.#buffer.append(COPY_DONE)
    } catch (error) {
      this.#buffer.append(copyFail('the data could not be read'))
      throw error
    }
  }

  /** Sends what has been gathered; drops it when a statement before it has failed. */
  flush(): void {
    if (this.#group.statements.length === 0) return
    if (this.#group.packed) this.#buffer.endQuery()
    else this.#buffer.append(SYNC)
    this.#write()
    this.#inFlight.push(this.#group)
    this.#group = newGroup()
  }

  /**
   * Sends what has been gathered and waits until the outcome of everything is known.
   * @throws {CruddurError} `CONNECTION_LOST`
   */
  async rest(): Promise<void> {
    this.flush()
    while (this.#inFlight.length > 0 && !this.#lost) await this.#woken()
    if (this.#active) this.#connection.end()
    this.#active = false
    if (this.#lost) throw this.#lost
  }

  async #flushAndWait(): Promise<void> {
    // Behind a COMMIT that failed the next group would run.
    if (this.#group.commit) return this.rest()
    this.flush()
    while (this.#inFlightBytes > IN_FLIGHT_BYTES && !this.failure && !this.#lost) await this.#woken()
    if (this.#lost) throw this.#lost
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Adds a statement with messages of its own. */
  #single(statement: Statement, text = statement.text): void {
    if (this.#group.packed) this.flush()
    this.#buffer.addExtended(text)
    this.#group.statements.push(statement)
  }

  /** Adds an INSERT to a Query message shared with others. */
  #pack(statement: Statement): void {
    if (!this.#group.packed) {
      this.flush()
      this.#buffer.beginQuery()
      this.#group.packed = true
    }
    this.#buffer.addToQuery(statement.text)
    this.#group.statements.push(statement)
  }

  /** Hands the gathered bytes to the socket. After a failure they still go: the server skips them up to the Sync. */
  #write(): void {
    if (!this.#active) {
      this.#connection.begin(this)
      this.#active = true
    }
    const bytes = this.#buffer.take()
    this.#group.bytes += bytes.length
    this.#inFlightBytes += bytes.length
    if (bytes.length > 0 && !this.#lost) this.#connection.write(bytes)
  }

  onMessage(type: number, buffer: Buffer, start: number, end: number): void {
    const group = this.#inFlight[0] ?? this.#group
    if (type === MessageType.commandComplete) {
      group.completed += 1
      if (group.completed === group.commit?.at) group.commit.onCommitted()
      if (!isOwnTag(buffer, start, end)) this.#lastTag = [buffer, start, end]
    } else if (type === MessageType.emptyQueryResponse) group.completed += 1
    else if (type === MessageType.errorResponse)
      this.#onError(group, parseServerMessage(buffer, start, end, this.#connection.decode))
    else if (type === MessageType.copyInResponse) this.#onCopyIn()
    else if (type === MessageType.readyForQuery) this.#onReady()
  }

  #onError(group: Group, server: ServerMessage): void {
    // With FATAL the server ends the session, whatever it was doing: that is no fault of a statement.
    if (this.failure || server.severity !== 'ERROR') return
    this.failure = group.packed
      ? findInPacked(group, server)
      : { statement: group.statements[group.completed] as Statement, server }
    this.#wake?.()
  }

  /** A COPY that was not recognised as one would wait for data for ever: in that state the server ignores Sync. */
  #onCopyIn(): void {
    if (this.#copies === 0) this.#connection.write(Buffer.concat([copyFail('no data'), SYNC]))
    else this.#copies -= 1
  }

  #onReady(): void {
    const done = this.#inFlight.shift()
    this.#inFlightBytes -= done?.bytes ?? 0
    this.#wake?.()
  }

  onLost(error: Error): void {
    this.#lost = error
    this.#wake?.()
  }
}

/** Whether a command tag is that of the BEGIN or COMMIT around a wrapped statement. */
function isOwnTag(buffer: Buffer, start: number, end: number): boolean {
  const length = end - start - 1
  return (
    (length === BEGIN.length || length === COMMIT.length) &&
    /^(?:BEGIN|COMMIT)$/.test(buffer.toString('latin1', start, end - 1))
  )
}

function newGroup(): Group {
  return { statements: [], packed: false, commit: undefined, completed: 0, bytes: 0 }
}

/**
 * Finds the failing statement of a shared message: the one behind those that have run, or, when the message could
 * not be read at all, the one at the position that the server names. It counts characters from the message's beginning.
 */
function findInPacked({ statements, completed }: Group, server: ServerMessage): PipelineFailure {
  let left = server.position ?? 0
  for (const [index, statement] of server.position === undefined ? [] : statements.entries()) {
    const length = characterCount(statement.text) + 1
    const found = completed > 0 ? index === completed : left <= length
    if (found) return { statement, server: { ...server, position: left } }
    left -= length
  }
  return { statement: statements[completed] as Statement, server }
}
