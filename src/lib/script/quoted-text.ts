import { BACKSLASH, DOUBLE_QUOTE, isSpace, NEWLINE, QUOTE, RETURN } from './bytes.ts'
import type { CharacterLength } from './multibyte.ts'
import type { Input } from './window.ts'

/** What the lexer is inside of. */
export type Mode =
  | 'none'
  | 'line comment'
  | 'comment'
  | 'plain string'
  | 'escape string'
  | 'identifier'
  | 'dollar string'

const STAR = 0x2a
const SLASH = 0x2f

/** What the reading of a string may depend on. */
export interface QuotingContext {
  /** Whether a statement that may change `standard_conforming_strings` is still under way. */
  readonly stale: boolean
  readonly characterLength: CharacterLength | undefined
  /** Called where psql and the server read a string differently; throws. */
  refuseAmbiguous(): void
}

/** Reads over comments, strings and quoted identifiers; goes on where it stopped when more bytes are there. */
export class QuotedText {
  mode: Mode = 'none'
  /** Position of the opening quote of a string whose reading depends on the setting; -1 for all others. */
  plainStart = -1
  /** A string without E held a backslash. */
  sawPlainBackslash = false
  /** The string goes on behind a line break, where psql forgets that it knows escapes. */
  #continued = false
  #depth = 0
  #tag: Buffer = Buffer.alloc(0)

  openComment(): void {
    this.mode = 'comment'
    this.#depth = 0
  }

  openDollar(tag: Buffer): void {
    this.mode = 'dollar string'
    this.#tag = Buffer.from(tag)
  }

  openString(mode: 'plain string' | 'escape string', plainStart: number): void {
    this.mode = mode
    this.plainStart = plainStart
    this.#continued = false
  }

  /** The input has moved by so many bytes. */
  shift(by: number): void {
    if (this.plainStart !== -1) this.plainStart -= by
  }

  /**
   * Reads on from the input's position. Sets `mode` to `none` behind the end.
   * @param final whether no byte will follow these
   */
  skip(input: Input, final: boolean, context: QuotingContext): 'more' | 'sync' | undefined {
    switch (this.mode) {
      case 'line comment':
        return this.#skipLineComment(input, final)
      case 'comment':
        return this.#skipComment(input, final)
      case 'identifier':
        return this.#skipIdentifier(input)
      case 'dollar string':
        return this.#skipDollarString(input, final)
      case 'plain string':
        return this.#skipPlainString(input, final, context)
      default:
        return this.#skipEscapeString(input, final, context)
    }
  }

  #close(input: Input, position: number): undefined {
    this.mode = 'none'
    input.position = position
  }

  #skipLineComment(input: Input, final: boolean): undefined {
    const { bytes } = input
    let at = input.position
    while (at < bytes.length && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at += 1
    if (at < bytes.length || final) this.#close(input, at)
    input.position = at
  }

  #skipComment(input: Input, final: boolean): 'more' | undefined {
    const { bytes } = input
    let at = input.position
    for (; at < bytes.length; at++) {
      const byte = bytes[at]
      if (byte !== STAR && byte !== SLASH) continue
      if (at + 1 >= bytes.length && !final) break
      if (byte === SLASH && bytes[at + 1] === STAR) {
        this.#depth += 1
        at += 1
      } else if (byte === STAR && bytes[at + 1] === SLASH) {
        at += 1
        if (this.#depth === 0) return this.#close(input, at + 1)
        this.#depth -= 1
      }
    }
    input.position = Math.min(at, bytes.length)
    return at < bytes.length ? 'more' : undefined
  }

  /** A doubled quote ends the identifier and begins it again, which comes to the same. */
  #skipIdentifier(input: Input): undefined {
    const found = input.bytes.indexOf(DOUBLE_QUOTE, input.position)
    if (found !== -1) this.#close(input, found + 1)
    else input.position = input.bytes.length
  }

  #skipDollarString(input: Input, final: boolean): 'more' | undefined {
    const { bytes } = input
    const found = bytes.indexOf(this.#tag, input.position)
    if (found !== -1) return this.#close(input, found + this.#tag.length)
    // The tag may begin in these bytes and end in the next ones.
    input.position = final ? bytes.length : Math.max(input.position, bytes.length - this.#tag.length + 1)
    return input.position < bytes.length ? 'more' : undefined
  }

  #skipPlainString(input: Input, final: boolean, context: QuotingContext): 'more' | 'sync' | undefined {
    const { bytes } = input
    let at = input.position
    let odd = false
    for (; at < bytes.length && bytes[at] !== QUOTE; at++) {
      if (bytes[at] === BACKSLASH) {
        odd = !odd
        this.sawPlainBackslash = true
      } else odd = false
    }
    if (at >= bytes.length) {
      // Whether an odd backslash stands directly before a quote shows only with the next byte.
      input.position = odd && !final ? at - 1 : at
      return odd && !final ? 'more' : undefined
    }
    if (odd && this.plainStart !== -1 && context.stale) return this.#again(input)
    return this.#close(input, at + 1)
  }

  #skipEscapeString(input: Input, final: boolean, context: QuotingContext): 'more' | 'sync' | undefined {
    const { bytes } = input
    const length = context.characterLength
    let at = input.position
    while (at < bytes.length && bytes[at] !== QUOTE) {
      if (bytes[at] !== BACKSLASH) {
        at += length ? length(bytes[at] as number, bytes[at + 1] ?? 0) : 1
        continue
      }
      if (at + 1 >= bytes.length && !final) {
        input.position = at
        return 'more'
      }
      if (this.#continued && bytes[at + 1] === QUOTE) {
        input.position = at
        context.refuseAmbiguous()
      }
      if (this.plainStart !== -1) {
        this.sawPlainBackslash = true
        if (bytes[at + 1] === QUOTE && context.stale) return this.#again(input)
      }
      at += 2
    }
    input.position = Math.min(at, bytes.length)
    return at < bytes.length ? this.#endEscapeString(input, at, final) : undefined
  }

  /** A doubled quote, or one behind a line break (SQL joins the strings), goes on, and escapes go on to count. */
  #endEscapeString(input: Input, quote: number, final: boolean): 'more' | undefined {
    const { bytes } = input
    let newline = false
    let at = quote + 1
    if (bytes[at] === QUOTE) {
      input.position = at + 1
      return undefined
    }
    for (; at < bytes.length && isSpace(bytes[at] as number); at++)
      newline ||= bytes[at] === NEWLINE || bytes[at] === RETURN
    if (at >= bytes.length && !final) return 'more'
    if (!newline || bytes[at] !== QUOTE) return this.#close(input, quote + 1)
    this.#continued = true
    input.position = at + 1
    return undefined
  }

  /** Goes back to the beginning of a string whose reading depends on a setting that is not known yet. */
  #again(input: Input): 'sync' {
    this.mode = 'none'
    input.position = this.plainStart
    return 'sync'
  }
}
