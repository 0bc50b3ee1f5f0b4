import { NEWLINE, RETURN } from './bytes.ts'
import type { Window } from './window.ts'

/** What ends data within a script: a line with just these two characters. */
const TERMINATOR = Buffer.from('\\.')
const BACKSLASH = 0x5c
const DOT = 0x2e

/**
 * Reads the data that stands in a script behind a COPY, as psql does: all lines up to one that is `\.` (with LF or
 * CRLF) or to the end of the script. With `withTerminator` that line is handed on too: servers before 18 then check
 * that its line break is that of the data. The bytes are handed on as they are, and written over when the next ones are asked for. The window must be at the beginning of a
 * line; when all has been read it is behind the terminator.
 */
export async function* inlineCopyData(window: Window, withTerminator: boolean): AsyncGenerator<Buffer> {
  const { input } = window
  // Of what has been handed on nothing is kept, so whether a line begins where the window does must be remembered.
  let lineBegins = true
  // A statement may be held in the first stretch, but in no later one.
  for (let reuse = false; ; reuse = true) {
    const { bytes } = input
    const from = input.position
    const found = findTerminator(bytes, from, lineBegins, window.final)
    const end: number = found ? found.start : window.final ? bytes.length : heldBack(bytes, from, lineBegins)
    const data = bytes.subarray(from, found && withTerminator ? found.end : end)
    input.position = found ? found.end : end
    if (data.length > 0) yield data
    if (found || window.final) return
    if (end > from) lineBegins = bytes[end - 1] === NEWLINE
    await window.fill(end, { reuse })
  }
}

/** Finds the first terminator line from a position on: where it begins, and where the next line begins. */
function findTerminator(
  bytes: Buffer,
  from: number,
  lineBegins: boolean,
  final: boolean,
): { start: number; end: number } | undefined {
  for (let at = bytes.indexOf(TERMINATOR, from); at !== -1; at = bytes.indexOf(TERMINATOR, at + 1)) {
    if (at === from ? !lineBegins : bytes[at - 1] !== NEWLINE) continue
    const next = bytes[at + 2]
    if (next === NEWLINE) return { start: at, end: at + 3 }
    if (next === RETURN && bytes[at + 3] === NEWLINE) return { start: at, end: at + 4 }
    // Without a line break behind it, it is data, as psql sees it; unless that shows only with more bytes.
    if (!final && (next === undefined || (next === RETURN && at + 3 >= bytes.length))) return undefined
  }
  return undefined
}

/** Up to where the bytes cannot be the beginning of a terminator line. */
function heldBack(bytes: Buffer, from: number, lineBegins: boolean): number {
  const lineStart = Math.max(from, bytes.lastIndexOf(NEWLINE) + 1)
  if (lineStart === from && !lineBegins) return bytes.length
  const [first, second, third, more] = bytes.subarray(lineStart, lineStart + 4)
  if (first !== BACKSLASH) return bytes.length
  const mayBe =
    second === undefined ||
    (second === DOT && (third === undefined || (third === RETURN && more === undefined)))
  return mayBe ? lineStart : bytes.length
}
