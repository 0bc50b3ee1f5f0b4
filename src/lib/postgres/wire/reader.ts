/** Receives one server message: its type byte, and a buffer holding the body from `start` up to `end`. */
export type OnMessage = (type: number, buffer: Buffer, start: number, end: number) => void

/** Type byte and 32-bit length. */
const HEADER_BYTES = 5

/** The length of a message counts its own four bytes. */
const LENGTH_BYTES = 4

/** The longest message there can be: lengths are signed ("Message Data Types": Int32). */
export const MAX_LENGTH = 0x7fffffff

/**
 * Cuts the byte stream from the server into messages. Bodies are handed on in place; bytes are copied only for a
 * message that arrives in several chunks.
 */
export class MessageReader {
  /** Chunks of a message that has not arrived whole yet, and their total length. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** How many bytes the pending message needs, or 0 while its header is incomplete. */
  #needed = 0
  /** Bytes that a message may have at most. */
  limit = MAX_LENGTH

  /**
   * Takes a chunk and calls `onMessage` for each message that is complete with it.
   * @throws {Error} at a length that no message can have, or beyond the limit
   */
  push(chunk: Buffer, onMessage: OnMessage): void {
    if (this.#pendingBytes === 0) {
      this.#cut(chunk, onMessage)
      return
    }
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes < (this.#needed || HEADER_BYTES)) return
    const whole = Buffer.concat(this.#pending, this.#pendingBytes)
    this.#pending = []
    this.#pendingBytes = 0
    this.#cut(whole, onMessage)
  }

  #cut(buffer: Buffer, onMessage: OnMessage): void {
    let position = 0
    while (buffer.length - position >= HEADER_BYTES) {
      const length = buffer.readUInt32BE(position + 1)
      if (length < LENGTH_BYTES || length > this.limit) throw new Error(`a message of length ${length}`)
      const total = length + 1
      if (buffer.length - position < total) {
        this.#keep(buffer.subarray(position), total)
        return
      }
      onMessage(buffer[position] as number, buffer, position + HEADER_BYTES, position + total)
      position += total
    }
    if (position < buffer.length) this.#keep(buffer.subarray(position), 0)
  }

  #keep(rest: Buffer, needed: number): void {
    this.#pending = [rest]
    this.#pendingBytes = rest.length
    this.#needed = needed
  }
}

/** Type bytes of the messages from the server that cruddur reads ("Message Formats"). */
export const MessageType = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  commandComplete: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  negotiateProtocolVersion: 0x76, // v
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const

/**
 * Reads the zero-terminated string at `start`; returns it and the position after its terminator.
 * @throws {Error} when there is no terminator
 */
export function readString(
  buffer: Buffer,
  start: number,
  encoding: BufferEncoding = 'utf8',
): [string, number] {
  const end = buffer.indexOf(0, start)
  if (end === -1) throw new Error('a text without its zero byte')
  return [buffer.toString(encoding, start, end), end + 1]
}
