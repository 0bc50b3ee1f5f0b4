import type { ScriptReader } from './script-reader.ts'

/** Bytes that the lexer reads: of the script itself, of a variable's value, or the rest of a line put back. */
export interface Input {
  bytes: Buffer
  position: number
  /** Offset in the script of the first byte, or of the variable these bytes are the value of. */
  offset: number
  /** Whether the bytes stand in the script from that offset on. */
  verbatim: boolean
  /** The variable, if they are the value of one. */
  variable: string | undefined
}

/** The UTF-8 byte order mark. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The stretch of a script that is in memory; moves on through the script, never back. */
export class Window {
  readonly input: Input = {
    bytes: Buffer.alloc(0),
    position: 0,
    offset: 0,
    verbatim: true,
    variable: undefined,
  }
  /** Whether the last byte has been read. */
  final = false
  readonly #reader: ScriptReader

  constructor(reader: ScriptReader) {
    this.#reader = reader
  }

  /** Reads the beginning and skips a byte order mark. */
  async open(): Promise<void> {
    while (!this.final && this.input.bytes.length < BYTE_ORDER_MARK.length) await this.fill(0)
    if (this.input.bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
      this.input.position = BYTE_ORDER_MARK.length
  }

  /**
   * Reads more. The bytes before `keepFrom` are let go; positions move with it. What is kept is read on in ever
   * larger steps, so that a statement of many megabytes is not copied again for every 256 KB.
   * @param atLeast bytes that are wanted, if there are as many; by default what the reader likes
   * @param reuse whether the memory of the present stretch may be read into: nobody holds a part of it
   */
  async fill(keepFrom: number, { atLeast = 0, reuse = false } = {}): Promise<void> {
    const { input } = this
    const kept = input.bytes.subarray(keepFrom)
    const memory = reuse && kept.length === 0 ? input.bytes : undefined
    const chunk = await this.#reader.next(Math.max(kept.length, atLeast), memory)
    if (chunk === undefined) this.final = true
    input.bytes = chunk === undefined ? kept : kept.length === 0 ? chunk : Buffer.concat([kept, chunk])
    input.position -= keepFrom
    input.offset += keepFrom
  }
}
