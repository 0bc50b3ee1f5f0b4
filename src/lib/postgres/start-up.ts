import type { Target } from '../target/connection-url.ts'
import { notPostgresError, startupError } from './connection-errors.ts'
import type { Channel, Exchange } from './exchange.ts'
import { parseServerMessage } from './server-message.ts'
import { Authentication } from './wire/authentication.ts'
import { MessageType } from './wire/reader.ts'

/** The number of AuthenticationOk. */
const AUTHENTICATION_OK = 0

/**
 * The start of a session as an exchange: from the start-up message to the first ReadyForQuery. Authentication takes time,
 * and a server may send on without waiting for it: whatever it says, the session begins only when it has proved what it
 * had to prove.
 */
export class StartUp implements Exchange {
  /** Whether the server has said that we are in; before that it may not send much. */
  admitted = false
  /** Resolves at the first ReadyForQuery. */
  readonly done: Promise<void>
  readonly #target: Target
  readonly #channel: Channel
  readonly #authentication: Authentication
  #answered: Promise<void> = Promise.resolve()
  #resolve!: () => void
  #reject!: (error: Error) => void

  constructor(channel: Channel, certificate: Buffer | undefined) {
    this.#channel = channel
    this.#target = channel.target
    this.#authentication = new Authentication(this.#target, certificate)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  onMessage(type: number, buffer: Buffer, start: number, end: number): void {
    if (type === MessageType.authentication) this.#authenticate(Buffer.from(buffer.subarray(start, end)))
    else if (type === MessageType.errorResponse) this.#fail(buffer, start, end)
    else if (type === MessageType.readyForQuery) this.#then(() => this.#ready())
  }

  onLost(error: Error): void {
    this.#reject(error)
  }

  /** Does something when all that was asked before has been answered. */
  #then(work: () => void | Promise<void>): void {
    this.#answered = this.#answered.then(work)
    this.#answered.catch(this.#reject)
  }

  #authenticate(body: Buffer): void {
    if (body.length < 4) throw new Error('an authentication request without its number')
    if (body.readInt32BE(0) === AUTHENTICATION_OK) this.admitted = true
    this.#then(async () => {
      const answer = await this.#authentication.answer(body)
      if (answer) this.#channel.write(answer)
    })
  }

  #fail(buffer: Buffer, start: number, end: number): void {
    const { encrypted } = this.#channel
    this.#reject(startupError(parseServerMessage(buffer, start, end), this.#target, encrypted))
  }

  #ready(): void {
    if (!this.#authentication.finished) throw notPostgresError(this.#target)
    this.#channel.end()
    this.#resolve()
  }
}
