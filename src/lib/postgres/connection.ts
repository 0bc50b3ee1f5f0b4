import type { Socket } from 'node:net'
import type { Target } from '../target/connection-url.ts'
import { decoderFor } from './client-encoding.ts'
import { connectionError, lostError, notPostgresError, protocolError } from './connection-errors.ts'
import type { Exchange } from './exchange.ts'
import { parseServerMessage, type ServerMessage } from './server-message.ts'
import type { ServerSocket } from './socket.ts'
import { StartUp } from './start-up.ts'
import * as messages from './wire/messages.ts'
import { MAX_LENGTH, MessageReader, MessageType, readString } from './wire/reader.ts'

/** `I` idle, `T` in a transaction, `E` in a failed transaction (ReadyForQuery). */
export type TransactionStatus = 'I' | 'T' | 'E'

/** What a server may send before it has let us in: requests to authenticate, and errors. */
const BEFORE_ADMISSION: ReadonlySet<number> = new Set([
  MessageType.authentication,
  MessageType.errorResponse,
  MessageType.negotiateProtocolVersion,
  MessageType.noticeResponse,
])

/** How long such a message may be, in bytes; libpq has the same limit. */
const MAX_EARLY_LENGTH = 30_000

/** How long a server gets to close the connection after Terminate, in milliseconds. */
const CLOSE_TIMEOUT = 1000

/**
 * One session with a server, over protocol 3.0. It keeps what concerns the whole session (parameters, notices,
 * transaction status) and hands every other message to the exchange that is going on.
 */
export class Connection {
  readonly target: Target
  /** Reported by the server: `server_version`, `standard_conforming_strings`, `client_encoding`, … */
  readonly parameters = new Map<string, string>()
  readonly encrypted: boolean
  processId = 0
  secretKey: Buffer = Buffer.alloc(0)
  transactionStatus: TransactionStatus = 'I'
  onNotice: ((notice: ServerMessage) => void) | undefined
  readonly #stream: Socket
  readonly #reader = new MessageReader()
  #exchange: Exchange | undefined
  #lost: Error | undefined
  #lastFatal: ServerMessage | undefined
  #closing = false
  /** The start of the session, while it has not been let in. */
  #starting: StartUp | undefined
  #streamError: Error | undefined
  /** Why we broke the connection off. */
  #broken: Error | undefined

  private constructor(socket: ServerSocket, target: Target) {
    this.#stream = socket.stream
    this.encrypted = socket.certificate !== undefined
    this.target = target
    this.#stream.on('data', (chunk: Buffer) => this.#onData(chunk))
    this.#stream.on('error', (error) => (this.#streamError = error))
    this.#stream.on('close', () => this.#onClose())
  }

  /**
   * Starts a session on a connected socket: start-up message, authentication, up to the first ReadyForQuery.
   * @param parameters further start-up parameters, e.g. `application_name`
   * @throws {CruddurError} what `startupError` and `Authentication` say
   */
  static async start(
    socket: ServerSocket,
    target: Target,
    parameters: Record<string, string>,
  ): Promise<Connection> {
    const connection = new Connection(socket, target)
    try {
      await connection.#startUp(socket.certificate, {
        user: target.user,
        database: target.database,
        client_encoding: 'UTF8',
        ...(target.options === undefined ? {} : { options: target.options }),
        ...parameters,
      })
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  #startUp(certificate: Buffer | undefined, parameters: Record<string, string>): Promise<void> {
    const startUp = new StartUp(this, certificate)
    this.#starting = startUp
    this.#reader.limit = MAX_EARLY_LENGTH
    this.begin(startUp)
    this.#stream.write(messages.startup(parameters))
    return startUp.done
  }

  /** Decodes text in the session's present client encoding. */
  readonly decode = (bytes: Buffer): string =>
    decoderFor(this.parameters.get('client_encoding') ?? 'UTF8')(bytes)

  /** What is not in the protocol ends the session, not the program. */
  #onData(chunk: Buffer): void {
    if (this.#broken) return
    try {
      this.#reader.push(chunk, this.#onMessage)
    } catch (error) {
      this.#broken = this.#starting ? notPostgresError(this.target, error) : protocolError(this.target, error)
      this.#stream.destroy()
    }
  }

  readonly #onMessage = (type: number, buffer: Buffer, start: number, end: number): void => {
    if (this.#starting && !BEFORE_ADMISSION.has(type)) throw new Error(`an early message of type ${type}`)
    if (type === MessageType.noticeResponse) {
      this.onNotice?.(parseServerMessage(buffer, start, end, this.decode))
    } else if (type === MessageType.backendKeyData) {
      const body = Buffer.from(buffer.subarray(start, end))
      this.processId = body.readInt32BE(0)
      this.secretKey = body.subarray(4)
    } else if (type === MessageType.parameterStatus) {
      const body = buffer.subarray(start, end)
      const [name, next] = readString(body, 0)
      this.parameters.set(name, readString(body, next)[0])
    } else if (type !== MessageType.notificationResponse) {
      if (type === MessageType.readyForQuery)
        this.transactionStatus = String.fromCharCode(buffer[start] as number) as TransactionStatus
      if (type === MessageType.errorResponse)
        this.#noteFatal(parseServerMessage(buffer, start, end, this.decode))
      this.#exchange?.onMessage(type, buffer, start, end)
      if (this.#starting?.admitted) this.#letIn()
    }
  }

  #letIn(): void {
    this.#starting = undefined
    this.#reader.limit = MAX_LENGTH
  }

  #noteFatal(message: ServerMessage): void {
    if (message.severity === 'FATAL' || message.severity === 'PANIC') this.#lastFatal = message
  }

  #onClose(): void {
    if (this.#closing && !this.#exchange) return
    this.#lost = this.#broken ?? this.#lossError()
    this.#exchange?.onLost(this.#lost)
  }

  #lossError(): Error {
    return this.#exchange instanceof StartUp
      ? connectionError(this.#streamError ?? new Error('closed'), this.target)
      : lostError(this.target, this.#lastFatal, this.#streamError)
  }

  /** Begins an exchange; the connection belongs to it until `end`. Reports at once when the connection is lost. */
  begin(exchange: Exchange): void {
    if (this.#exchange) throw new Error('another exchange is going on')
    this.#exchange = exchange
    if (this.#lost) queueMicrotask(() => exchange.onLost(this.#lost as Error))
  }

  /** Ends the exchange that is going on. */
  end(): void {
    this.#exchange = undefined
  }

  /** Sends bytes. */
  write(bytes: Buffer): void {
    this.#stream.write(bytes)
  }

  /** Gathers the writes of `work` into one packet; resolves when the socket has taken them, or is closed. */
  corked(work: (write: (bytes: Buffer) => void) => void): Promise<void> {
    return new Promise((resolve) => {
      let left = 0
      // Not the last one alone: a socket that is closed in between answers each by itself.
      const done = () => {
        left -= 1
        if (left === 0) resolve()
      }
      this.#stream.cork()
      work((bytes) => {
        left += 1
        this.#stream.write(bytes, done)
      })
      this.#stream.uncork()
      if (left === 0) resolve()
    })
  }

  /** Stops and resumes reading from the server, for an exchange whose consumer is slower than the server. */
  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** Whether the session is still there, as far as is known. */
  get alive(): boolean {
    return !this.#stream.destroyed && this.#lost === undefined
  }

  /** The address that the socket is connected to: an IP address, or `undefined` for a Unix socket. */
  get remoteAddress(): string | undefined {
    return this.#stream.remoteAddress
  }

  /** Ends the session in good order: Terminate, then waits until the server has closed the connection. */
  async close(): Promise<void> {
    if (this.#stream.destroyed) return
    const closed = new Promise<void>((resolve) => {
      this.#stream.once('close', resolve)
    })
    this.#terminate()
    await closed
  }

  /** Ends the session in good order without waiting for it, which costs a round trip; the process may end meanwhile. */
  leave(): void {
    if (this.#stream.destroyed) return
    this.#terminate().unref()
    this.#stream.unref()
  }

  /** Sends Terminate; returns the timer that breaks the connection off if the server does not close it. */
  #terminate(): NodeJS.Timeout {
    this.#closing = true
    const timer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT)
    this.#stream.once('close', () => clearTimeout(timer))
    this.#stream.end(messages.TERMINATE)
    return timer
  }

  /** Breaks the connection off; the server rolls back what was open. */
  destroy(): void {
    this.#closing = true
    this.#stream.destroy()
  }
}
