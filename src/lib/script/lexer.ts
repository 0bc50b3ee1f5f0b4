import { ByteClass, byteClass } from './bytes.ts'
import { InputStack } from './input-stack.ts'
import type { LexerContext, LexerMark, Stop } from './lexer-context.ts'
import { PENDING } from './session.ts'
import { QuotedText } from './quoted-text.ts'
import { RoutineBody } from './routine-body.ts'
import { StatementText } from './statement-text.ts'
import type { Frame, Statement } from './statement.ts'
import { dollarTagEnd, numberEnd, stringPrefix, wordEnd } from './token-end.ts'
import { readReference, type VariableReference } from './variable-reference.ts'
import type { Input, Window } from './window.ts'

const ASTERISK = 0x2a
const DASH = 0x2d

/**
 * Finds where statements end, as psql's scanner does: at semicolons outside quotes, comments, parentheses and the
 * bodies of SQL-standard routines. It looks at boundaries only; what a statement means is the server's matter.
 */
export class Lexer {
  readonly #inputs: InputStack
  readonly #context: LexerContext
  readonly #frame: Frame
  readonly #text = new StatementText()
  readonly #body = new RoutineBody()
  readonly #quoted = new QuotedText()

  constructor(window: Window, context: LexerContext, frame: Frame) {
    this.#inputs = new InputStack(window)
    this.#context = context
    this.#frame = frame
  }

  /** Reads on to the next stop. After `more` call `fill`; after `sync` bring the session to rest. */
  scan(): Stop {
    for (;;) {
      const input = this.#inputs.top
      if (input.position >= input.bytes.length) {
        if (this.#inputs.atScript) return this.#inputs.final ? 'end' : 'more'
        this.#leave(input)
        continue
      }
      const stop =
        this.#quoted.mode === 'none'
          ? this.#scanTokens(input)
          : this.#quoted.skip(input, this.#inputs.final, this.#context)
      if (stop !== undefined) return stop
    }
  }

  /** Reads more of the script. */
  async fill(): Promise<void> {
    const { position } = this.#inputs.script
    const { segment } = this.#text
    // While something else is on top, what has been gathered does not go on in the script.
    if (!this.#inputs.atScript) return this.#inputs.fill(position)
    const keepFrom = segment === -1 ? position : Math.min(segment, position)
    await this.#inputs.fill(keepFrom)
    this.#text.shift(keepFrom)
    this.#quoted.shift(keepFrom)
  }

  /** The value of a variable is at its end: the script goes on behind the reference. */
  #leave(input: Input): void {
    this.#text.flush(input.bytes, input.bytes.length)
    this.#inputs.pop()
    // A comment to the end of the line ends with the value that it stands in.
    if (this.#quoted.mode === 'line comment') this.#quoted.mode = 'none'
    // A string that goes on behind the value cannot be read again from its beginning.
    this.#quoted.plainStart = -1
    this.resume()
  }

  /** Goes on with the statement's text at the position of what is read now. */
  resume(): void {
    const input = this.#inputs.top
    this.#text.begin(input.position, this.#inputs.offsetOf(input), input.verbatim)
  }

  /** Reads tokens until a stop, until something is quoted, or until the input changes or ends. */
  #scanTokens(input: Input): Stop | undefined {
    const { bytes } = input
    let at = input.position
    while (at < bytes.length) {
      const kind = byteClass[bytes[at] as number] as number
      if (kind === ByteClass.space) {
        at += 1
        continue
      }
      input.position = at
      if (kind === ByteClass.identifier) {
        at = this.#word(input, at)
        if (at === -1) return 'more'
        if (this.#quoted.mode !== 'none') return undefined
      } else if (kind === ByteClass.other) {
        this.#token(input, at)
        at += 1
      } else {
        const stop = this.#special(input, kind)
        if (stop !== undefined || this.#quoted.mode !== 'none' || this.#inputs.top !== input) return stop
        at = input.position
      }
    }
    input.position = at
    return undefined
  }

  #token(input: Input, at: number): void {
    if (this.#text.waiting) this.#text.token(at, this.#inputs.offsetOf(input, at))
  }

  /** Reads a word; returns the position behind it, or -1 if it may go on in bytes not read yet. */
  #word(input: Input, start: number): number {
    const { bytes } = input
    const at = wordEnd(bytes, start, this.#context.characterLength)
    // One byte more than the word is needed to see U&' and U&".
    if (at + 1 >= bytes.length && !this.#inputs.final) return -1
    this.#token(input, start)
    if (at - start === 1 && this.#prefixedString(input, start)) return input.position
    this.#body.word(bytes, start, at)
    return Math.min(at, bytes.length)
  }

  /** Whether the letter read belongs to the quote behind it; then the string is open. */
  #prefixedString(input: Input, start: number): boolean {
    const prefix = stringPrefix(input.bytes, start)
    if (!prefix) return false
    this.#quoted.openString(prefix.mode, -1)
    input.position = prefix.end
    return true
  }

  /** Handles the token at the input's position, which is more than one plain character. */
  #special(input: Input, kind: number): Stop | undefined {
    const { bytes, position: at } = input
    if (at + 1 >= bytes.length && !this.#inputs.final && kind !== ByteClass.semicolon) return 'more'
    switch (kind) {
      case ByteClass.quote:
        return this.#open(input, this.#context.standardStrings ? 'plain string' : 'escape string')
      case ByteClass.doubleQuote:
        return this.#open(input, 'identifier')
      case ByteClass.dash:
        return this.#dash(input)
      case ByteClass.slash:
        return this.#slash(input)
      case ByteClass.dollar:
        return this.#dollar(input)
      case ByteClass.digit:
        return this.#number(input)
      case ByteClass.parenthesis:
        this.#body.parenthesis(bytes[at] as number)
        return this.#skip(input, 1)
      case ByteClass.semicolon:
        return this.#semicolon(input)
      case ByteClass.backslash:
        return this.#backslash(input)
      default:
        return this.#colon(input)
    }
  }

  /** Takes so many bytes as a token. */
  #skip(input: Input, length: number): undefined {
    this.#token(input, input.position)
    input.position += length
  }

  #open(input: Input, mode: 'plain string' | 'escape string' | 'identifier'): undefined {
    if (mode === 'identifier') this.#quoted.mode = mode
    else this.#quoted.openString(mode, input.position)
    this.#skip(input, 1)
  }

  #dash(input: Input): undefined {
    const comment = input.bytes[input.position + 1] === DASH
    if (comment) this.#quoted.mode = 'line comment'
    else this.#token(input, input.position)
    input.position += comment ? 2 : 1
  }

  #slash(input: Input): undefined {
    const at = input.position
    const comment = input.bytes[at + 1] === ASTERISK
    if (comment) {
      this.#text.comment(at, this.#inputs.offsetOf(input, at))
      this.#quoted.openComment()
    } else this.#token(input, at)
    input.position += comment ? 2 : 1
  }

  /** `$tag$` opens a string; `$1` is a parameter; any other `$` is a character. */
  #dollar(input: Input): Stop | undefined {
    const { bytes, position } = input
    const end = dollarTagEnd(bytes, position, this.#inputs.final)
    if (end === 'more') return 'more'
    if (end === 'parameter') this.#text.hasParameter = true
    if (typeof end !== 'number') return this.#skip(input, 1)
    this.#quoted.openDollar(bytes.subarray(position, end))
    return this.#skip(input, end - position)
  }

  #number(input: Input): Stop | undefined {
    const end = numberEnd(input.bytes, input.position, this.#inputs.final)
    return end === 'more' ? 'more' : this.#skip(input, end - input.position)
  }

  #semicolon(input: Input): Stop | undefined {
    if (this.#body.inside) return this.#skip(input, 1)
    this.#text.flush(input.bytes, input.position)
    this.#body.endStatement()
    input.position += 1
    return 'semicolon'
  }

  /** `\;` and `\:` put that character into the statement; any other backslash begins a command. */
  #backslash(input: Input): Stop | undefined {
    const at = input.position
    const next = input.bytes[at + 1]
    this.#text.flush(input.bytes, at)
    if (next !== 0x3b && next !== 0x3a) {
      input.position = at + 1
      return 'backslash'
    }
    this.#text.insert(Buffer.from([next]), this.#inputs.offsetOf(input, at))
    if (next === 0x3b) {
      this.#text.joined = true
      this.#body.endStatement()
    }
    input.position = at + 2
    this.resume()
    return undefined
  }

  /** `::` and `:=` are operators; what else begins with a colon may refer to a variable. */
  #colon(input: Input): Stop | undefined {
    const next = input.bytes[input.position + 1]
    if (next === 0x3a || next === 0x3d) return this.#skip(input, 2)
    const reference = readReference(input.bytes, input.position, this.#inputs.final)
    if (reference === 'more') return 'more'
    return reference ? this.#substitute(input, reference) : this.#skip(input, 1)
  }

  /** Puts the value of a variable in the place of the reference to it. */
  #substitute(input: Input, { kind, name, end }: VariableReference): Stop | undefined {
    const at = input.position
    const value = this.#context.variable(name)
    if (value === PENDING) return 'sync'
    const recursive = kind === 'plain' && this.#inputs.isReading(name)
    if (recursive) this.#context.warn(`The variable "${name}" refers to itself; it is not expanded again.`)
    if (recursive || (value === undefined && kind !== 'test')) return this.#skip(input, end - at)
    const offset = this.#inputs.offsetOf(input, at)
    this.#text.flush(input.bytes, at)
    input.position = end
    if (kind === 'plain') this.#inputs.pushValue(value as Buffer, offset, name)
    else if (kind === 'test') this.#text.insert(Buffer.from(value === undefined ? 'FALSE' : 'TRUE'), offset)
    else this.#text.insert(this.#context.quote(value as Buffer, kind), offset)
    this.resume()
    return undefined
  }

  /** Whether a statement has begun, or a comment or a string is open. */
  get unfinished(): boolean {
    return this.#text.begun || (this.#quoted.mode !== 'none' && this.#quoted.mode !== 'line comment')
  }

  /** Takes the statement read so far and begins a new one; `undefined` when there are only blanks and comments. */
  take(): Statement | undefined {
    const input = this.#inputs.top
    this.#text.flush(input.bytes, input.position)
    this.#text.plainBackslash = this.#quoted.sawPlainBackslash
    this.#quoted.sawPlainBackslash = false
    return this.#text.take(this.#frame, this.#quoted.mode === 'comment')
  }

  /** The statement read so far, which stays to be read on. */
  peek(): Statement | undefined {
    return this.#text.peek(this.#frame)
  }

  /** Forgets parentheses and blocks, as psql does after `\g` and `\r`; drops the text that was not taken. */
  reset(): void {
    this.take()
    this.#body.reset()
    this.#quoted.mode = 'none'
  }

  mark(): LexerMark {
    return { text: this.#text.mark(), parentheses: this.#body.parentheses }
  }

  restore(mark: LexerMark): void {
    this.drop(mark)
    this.#body.parentheses = mark.parentheses
  }

  /** Drops the text since the mark: a statement has ended in a branch that is skipped. */
  drop(mark: LexerMark): void {
    this.#text.restore(mark.text)
  }

  /** The rest of the line behind the position, without its line break; `undefined` if it is not read to its end. */
  restOfLine(): Buffer | undefined {
    return this.#inputs.restOfLine()
  }

  /** Goes on behind so many bytes of the rest of the line. */
  consume(length: number): void {
    this.#inputs.consume(length)
    this.resume()
  }

  /** Offset in the script of the position. */
  get offset(): number {
    return this.#inputs.offsetOf(this.#inputs.top)
  }

  /**
   * Sets the rest of the line aside, to be read after the COPY data that begins on the next line. Behind the data
   * call `resume`.
   */
  setLineAside(): void {
    const { top } = this.#inputs
    this.#inputs.setLineAside()
    // What has been gathered of a statement stops short of the data.
    if (this.#inputs.top === top) this.#text.flush(top.bytes, top.position)
  }
}
