import type { Position, Statement } from './statement.ts'

/** A place in a script as people count: lines and columns from 1, columns in characters. */
export interface Location {
  file: string
  line: number
  column: number
}

/** A place with the text around it. */
export interface LocatedLine extends Location {
  /** The line, or of a long one what is near the place. */
  text: string
  /** How many characters of that text stand before the place. */
  before: number
}

const NEWLINE = 0x0a
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
/** How much of a line is kept on each side of the place, in bytes. */
const LINE_BYTES = 2000

/**
 * Turns a byte offset into line and column by reading the script again up to there. That is why nothing needs to be
 * counted while a script runs.
 * @returns `undefined` when the script cannot be read again
 */
export async function locate({ frame, offset }: Position): Promise<LocatedLine | undefined> {
  const reader = frame.file.read()
  try {
    const search = new LineSearch(offset)
    for (let chunk = await reader.next(); chunk; chunk = await reader.next()) if (search.take(chunk)) break
    return { file: frame.name, ...search.place() }
  } catch {
    return undefined
  } finally {
    await reader.close()
  }
}

/** Counts lines and characters up to an offset; keeps no more of the script than what will be shown. */
class LineSearch {
  readonly #offset: number
  #line = 1
  /** The end of what has been read: of the line with the offset, as far as known. */
  #text: Buffer = Buffer.alloc(0)
  /** Offset of that text, and how many characters of its line stand before it. */
  #begin = 0
  #dropped = 0

  constructor(offset: number) {
    this.#offset = offset
  }

  /** Takes the next bytes of the script; returns true when they are enough. */
  take(chunk: Buffer): boolean {
    this.#text = Buffer.concat([this.#text, chunk])
    if (this.#begin === 0 && this.#text.subarray(0, 3).equals(BYTE_ORDER_MARK)) this.#drop(3, 0)
    const before = this.#text.subarray(0, Math.max(0, this.#offset - this.#begin))
    const lineStart = before.lastIndexOf(NEWLINE) + 1
    if (lineStart > 0) {
      this.#line += count(before.subarray(0, lineStart), NEWLINE)
      this.#drop(lineStart, 0)
    }
    this.#dropPart(before.length - lineStart - LINE_BYTES)
    return this.#begin + this.#text.length >= this.#offset + LINE_BYTES
  }

  /** Drops the beginning of a long line, in whole characters. */
  #dropPart(bytes: number): void {
    let end = bytes
    while (end > 0 && end < this.#text.length && !beginsCharacter(this.#text[end] as number)) end += 1
    if (end > 0) this.#drop(end, this.#dropped + characterCount(this.#text.subarray(0, end)))
  }

  #drop(bytes: number, dropped: number): void {
    this.#text = this.#text.subarray(bytes)
    this.#begin += bytes
    this.#dropped = dropped
  }

  place(): Omit<LocatedLine, 'file'> {
    const at = this.#offset - this.#begin
    const end = this.#text.indexOf(NEWLINE, at)
    const shown = this.#text.subarray(0, Math.min(end === -1 ? this.#text.length : end, at + LINE_BYTES))
    const before = Array.from(this.#text.subarray(0, at).toString()).length
    return {
      line: this.#line,
      column: this.#dropped + before + 1,
      text: shown.toString().replace(/\r$/, ''),
      before,
    }
  }
}

function count(bytes: Buffer, wanted: number): number {
  let found = 0
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found += 1
  return found
}

/**
 * The byte offset in the script of a character of a statement.
 * @param character 1-based index as the server counts: in characters of the text it got, not bytes, not UTF-16 units
 */
export function offsetOfCharacter(statement: Statement, character: number): number {
  const bytes = byteLengthOfCharacters(statement.text, character - 1)
  if (!statement.pieces) return statement.textOffset + bytes
  let left = bytes
  for (const piece of statement.pieces) {
    if (left < piece.bytes.length) return piece.verbatim ? piece.offset + left : piece.offset
    left -= piece.bytes.length
  }
  const last = statement.pieces.at(-1)
  return last ? last.offset + (last.verbatim ? last.bytes.length : 0) : statement.textOffset
}

/** Whether a byte begins a character of UTF-8 text: those that go on with one are 10xxxxxx. */
function beginsCharacter(byte: number): boolean {
  return (byte & 0xc0) !== 0x80
}

/** How many characters UTF-8 text has, counted as the server counts them. */
export function characterCount(text: Buffer): number {
  let characters = 0
  for (const byte of text) if (beginsCharacter(byte)) characters += 1
  return characters
}

/** How many bytes the first so many characters of UTF-8 text take. */
function byteLengthOfCharacters(text: Buffer, characters: number): number {
  let left = characters
  let at = 0
  for (; at < text.length; at++) {
    if (!beginsCharacter(text[at] as number)) continue
    if (left === 0) break
    left -= 1
  }
  return at
}
