/** Bytes after which a group of statements is sent. Measured: 16–64 KB are equal, larger is slower. */
export const GROUP_BYTES = 32 * 1024

/** Parse for an unnamed statement before its text: type byte, length, empty name. */
const PARSE_HEAD = 6
/** Query before its text: type byte, length. */
const QUERY_HEAD = 5
/** What follows the text of a Parse: its zero, no parameter types; then Bind and Execute of the unnamed portal. */
const PARSE_TAIL = Buffer.from([
  0, 0, 0, 0x42, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0,
])
/** How much of that tail belongs to the Parse message itself. */
const PARSE_OWN_TAIL = 3
const SEMICOLON = 0x3b

/** Gathers messages in one stretch of memory, so that a statement costs one copy of its text and no allocation. */
export class GroupBuffer {
  /** How many bytes have been gathered. */
  used = 0
  #bytes: Buffer = Buffer.allocUnsafe(GROUP_BYTES * 2)

  /** Adds Parse, Bind and Execute for a statement. */
  addExtended(text: Buffer): void {
    this.#reserve(PARSE_HEAD + text.length + PARSE_TAIL.length)
    const at = this.used
    this.#bytes[at] = 0x50
    this.#bytes.writeInt32BE(PARSE_HEAD - 1 + text.length + PARSE_OWN_TAIL, at + 1)
    this.#bytes[at + QUERY_HEAD] = 0
    text.copy(this.#bytes, at + PARSE_HEAD)
    PARSE_TAIL.copy(this.#bytes, at + PARSE_HEAD + text.length)
    this.used = at + PARSE_HEAD + text.length + PARSE_TAIL.length
  }

  /** Begins a Query message; the buffer must be empty. */
  beginQuery(): void {
    this.used = QUERY_HEAD
  }

  /** Adds a statement to the Query message, with a semicolon. */
  addToQuery(text: Buffer): void {
    this.#reserve(text.length + 1)
    text.copy(this.#bytes, this.used)
    this.#bytes[this.used + text.length] = SEMICOLON
    this.used += text.length + 1
  }

  /** Ends the Query message: its zero, and the head that was left open. */
  endQuery(): void {
    this.#reserve(1)
    this.#bytes[this.used] = 0
    this.used += 1
    this.#bytes[0] = 0x51
    this.#bytes.writeInt32BE(this.used - 1, 1)
  }

  /** Adds a whole message. */
  append(message: Buffer): void {
    this.#reserve(message.length)
    message.copy(this.#bytes, this.used)
    this.used += message.length
  }

  /** Hands the bytes over. The socket keeps them until they are sent, so the next ones go elsewhere. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.used)
    if (this.used > 0) this.#bytes = Buffer.allocUnsafe(GROUP_BYTES * 2)
    this.used = 0
    return taken
  }

  #reserve(bytes: number): void {
    if (this.used + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.used + bytes))
    this.#bytes.copy(larger, 0, 0, this.used)
    this.#bytes = larger
  }
}
