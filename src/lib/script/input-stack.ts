import { byteClass, ByteClass, NEWLINE } from './bytes.ts'
import type { Input, Window } from './window.ts'

/**
 * What is read at the moment: the script, and on top of it the values of variables and lines that were set aside.
 */
export class InputStack {
  readonly #window: Window
  /** Innermost last. */
  readonly #nested: Input[] = []

  constructor(window: Window) {
    this.#window = window
  }

  /** The bytes to be read next. */
  get top(): Input {
    return this.#nested.at(-1) ?? this.#window.input
  }

  /** The script, whatever is on top of it. */
  get script(): Input {
    return this.#window.input
  }

  /** Whether the script itself is on top. */
  get atScript(): boolean {
    return this.#nested.length === 0
  }

  /** Whether no byte can follow the last one of what is on top. */
  get final(): boolean {
    return this.#nested.length > 0 || this.#window.final
  }

  /** Reads more of the script; what is before `keepFrom` is let go. */
  async fill(keepFrom: number): Promise<void> {
    await this.#window.fill(keepFrom)
  }

  /** Puts the value of a variable on top; `offset` is that of the reference to it. */
  pushValue(bytes: Buffer, offset: number, variable: string): void {
    this.#nested.push({ bytes, position: 0, offset, verbatim: false, variable })
  }

  pop(): void {
    this.#nested.pop()
  }

  /** Whether the value of this variable is being read. */
  isReading(variable: string): boolean {
    return this.#nested.some((one) => one.variable === variable)
  }

  /** Offset in the script of a position in an input. */
  offsetOf(input: Input, position = input.position): number {
    return input.verbatim ? input.offset + position : input.offset
  }

  /** The rest of the line, without its line break; `undefined` if it has not been read to its end. */
  restOfLine(): Buffer | undefined {
    const parts: Buffer[] = []
    for (const input of this.#nested.toReversed()) {
      // A line that was set aside ends here, wherever the script is by now.
      if (input.variable === undefined)
        return Buffer.concat([...parts, input.bytes.subarray(input.position, -1)])
      parts.push(input.bytes.subarray(input.position))
    }
    const line = this.#restOfScriptLine()
    return line === undefined || parts.length === 0 ? line : Buffer.concat([...parts, line])
  }

  /** Whether what is read belongs to a line that was set aside: the script is at the beginning of a later line. */
  get #lineIsAside(): boolean {
    return this.#nested.some((input) => input.variable === undefined)
  }

  #restOfScriptLine(): Buffer | undefined {
    const { bytes, position } = this.#window.input
    const newline = bytes.indexOf(NEWLINE, position)
    if (newline === -1 && !this.#window.final) return undefined
    return bytes.subarray(position, newline === -1 ? bytes.length : newline)
  }

  /** Goes on behind so many bytes of the rest of the line. */
  consume(length: number): void {
    let left = length
    for (let input = this.#nested.at(-1); input; input = this.#nested.at(-1)) {
      const available = input.bytes.length - input.position
      if (left < available) break
      left -= available
      this.#nested.pop()
    }
    this.top.position += left
  }

  /**
   * Sets the rest of the script's line aside, to be read after the data that begins on the next line, and goes to
   * that line. The line must have been read to its end.
   */
  setLineAside(): void {
    if (this.#lineIsAside) return
    const { input } = this.#window
    const rest = this.#restOfScriptLine() ?? Buffer.alloc(0)
    if (rest.some((byte) => byteClass[byte] !== ByteClass.space))
      this.#nested.unshift({
        bytes: Buffer.concat([rest, Buffer.from('\n')]),
        position: 0,
        offset: input.offset + input.position,
        verbatim: true,
        variable: undefined,
      })
    input.position = Math.min(input.position + rest.length + 1, input.bytes.length)
  }
}
