import { NEWLINE, RETURN } from './bytes.ts'
import type { Window } from './window.ts'

/** What ends data within a script: a line with just these two characters. */
const TERMINATOR = Buffer.from('\\.')
const BACKSLASH = 0x5c
const DOT = 0x2e

/**
 * Reads the data that stands in a script behind a COPY, as psql does: all lines up to one that is `\.` (with LF or
 * CRLF) or to the end of the script. With `withTerminator` that line is handed on too: servers before 18 then check
 * that its line break is that of the data. The bytes are handed on as they are. The window must be at the beginning of a
 * line; when all has been read it is behind the terminator.
 */
export async function* inlineCopyData(window: Window, withTerminator: boolean): AsyncGenerator<Buffer> {
  const { input } = window
  for (;;) {
    const { bytes } = input
    const found = findTerminator(bytes, input.position, window.final)
    const end = found ? found.start : window.final ? bytes.length : heldBack(bytes, input.position)
    const data = bytes.subarray(input.position, found && withTerminator ? found.end : end)
    input.position = found ? found.end : end
    if (data.length > 0) yield data
    if (found || window.final) return
    await fillFromLine(window, bytes, end)
  }
}

/**
 * Fills the window. `\.` counts only at the beginning of a line; so that one can see that the line goes on, its last
 * byte is kept in front of the position.
 */
async function fillFromLine(window: Window, bytes: Buffer, end: number): Promise<void> {
  const keep = end > 0 && bytes[end - 1] !== NEWLINE ? 1 : 0
  await window.fill(end - keep)
}

/** Whether a line begins at this position. */
function atLineStart(bytes: Buffer, position: number): boolean {
  return position === 0 || bytes[position - 1] === NEWLINE
}

/** Finds the first terminator line from a position on: where it begins, and where the next line begins. */
function findTerminator(
  bytes: Buffer,
  from: number,
  final: boolean,
): { start: number; end: number } | undefined {
  for (let at = bytes.indexOf(TERMINATOR, from); at !== -1; at = bytes.indexOf(TERMINATOR, at + 1)) {
    if (!atLineStart(bytes, at)) continue
    const next = bytes[at + 2]
    if (next === NEWLINE) return { start: at, end: at + 3 }
    if (next === RETURN && bytes[at + 3] === NEWLINE) return { start: at, end: at + 4 }
    // Without a line break behind it, it is data, as psql sees it; unless that shows only with more bytes.
    if (!final && (next === undefined || (next === RETURN && at + 3 >= bytes.length))) return undefined
  }
  return undefined
}

/** Up to where the bytes cannot be the beginning of a terminator line. */
function heldBack(bytes: Buffer, from: number): number {
  const lineStart = Math.max(from, bytes.lastIndexOf(NEWLINE) + 1)
  const [first, second, third, more] = bytes.subarray(lineStart, lineStart + 4)
  if (!atLineStart(bytes, lineStart) || first === undefined || first !== BACKSLASH) return bytes.length
  const mayBe =
    second === undefined ||
    (second === DOT && (third === undefined || (third === RETURN && more === undefined)))
  return mayBe ? lineStart : bytes.length
}
