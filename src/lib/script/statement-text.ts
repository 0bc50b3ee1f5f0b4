import type { Frame, Piece, Statement } from './statement.ts'

/** What a branch of `\if` goes back to when its text is dropped. */
export interface TextMark {
  pieces: number
  first: number
  joined: boolean
  hasParameter: boolean
}

/**
 * Gathers the text of one statement: mostly a single stretch of the script, else several pieces (around variables,
 * commands in the middle, dropped branches).
 */
export class StatementText {
  joined = false
  hasParameter = false
  plainBackslash = false
  #pieces: Piece[] = []
  /** Where the stretch being read begins in the present input; -1 while there is none. */
  #segment = -1
  /** Offset in the script of that beginning. */
  #offset = 0
  #verbatim = true
  /** Offset of the first token; -1 before it. */
  #first = -1

  /** Whether the next token must be announced with `token`; a field, as the lexer asks at every token. */
  waiting = true

  /** The first byte that must be kept when the window moves on; -1 for none. */
  get segment(): number {
    return this.#segment
  }

  /** The window has moved by so many bytes. */
  shift(by: number): void {
    if (this.#segment !== -1) this.#segment -= by
  }

  /** A token begins at this position of the input. */
  token(position: number, offset: number): void {
    if (this.#segment === -1) {
      this.#segment = position
      this.#offset = offset
    }
    if (this.#first === -1) this.#first = offset
    this.waiting = false
  }

  /** A block comment begins: it goes with the statement behind it (planners' hints stand in comments). */
  comment(position: number, offset: number): void {
    if (this.#segment !== -1) return
    this.#segment = position
    this.#offset = offset
  }

  /** Ends the stretch being read. */
  flush(bytes: Buffer, end: number): void {
    if (this.#segment !== -1 && end > this.#segment)
      this.#pieces.push({
        bytes: bytes.subarray(this.#segment, end),
        offset: this.#offset,
        verbatim: this.#verbatim,
      })
    this.#segment = -1
    this.waiting = true
  }

  /** Goes on at a position of what is the input now. */
  begin(position: number, offset: number, verbatim: boolean): void {
    this.#verbatim = verbatim
    if (this.#pieces.length === 0) return
    this.#segment = position
    this.#offset = offset
    this.waiting = this.#first === -1
  }

  /** Adds text that does not stand in the script as it is. */
  insert(bytes: Buffer, offset: number): void {
    if (this.#first === -1) this.#first = offset
    this.#pieces.push({ bytes, offset, verbatim: false })
  }

  /** Whether anything but blanks and comments has been read. */
  get begun(): boolean {
    return this.#first !== -1
  }

  mark(): TextMark {
    const { joined, hasParameter } = this
    return { pieces: this.#pieces.length, first: this.#first, joined, hasParameter }
  }

  /** Drops what was gathered since the mark. */
  restore(mark: TextMark): void {
    this.#pieces.length = mark.pieces
    this.#first = mark.first
    this.#segment = -1
    this.waiting = true
    this.joined = mark.joined
    this.hasParameter = mark.hasParameter
  }

  /** The statement as far as it has been flushed, without taking it. */
  peek(frame: Frame): Statement | undefined {
    const [piece] = this.#pieces
    return piece && this.begun ? this.#statement(frame, piece) : undefined
  }

  /**
   * Hands over the statement and begins anew.
   * @param always also when there is no token, for the server to see an unterminated comment
   */
  take(frame: Frame, always: boolean): Statement | undefined {
    const [piece] = this.#pieces
    const statement = piece && (this.begun || always) ? this.#statement(frame, piece) : undefined
    this.#pieces = []
    this.#segment = -1
    this.#first = -1
    this.waiting = true
    this.joined = false
    this.hasParameter = false
    this.plainBackslash = false
    return statement
  }

  #statement(frame: Frame, first: Piece): Statement {
    const single = this.#pieces.length === 1 && first.verbatim
    return {
      text: single ? first.bytes : Buffer.concat(this.#pieces.map((piece) => piece.bytes)),
      frame,
      offset: this.#first === -1 ? first.offset : this.#first,
      textOffset: first.offset,
      pieces: single ? undefined : this.#pieces,
      joined: this.joined,
      hasParameter: this.hasParameter,
      plainBackslash: this.plainBackslash,
    }
  }
}
