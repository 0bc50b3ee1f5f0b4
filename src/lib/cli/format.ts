import { groupedDigits } from '../grouped-digits.ts'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A size for people, in decimal units: `512 B`, `27.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

/** `1 row`, `3 rows`. */
export function count(number: number, noun: string): string {
  return `${groupedDigits(number)} ${noun}${number === 1 ? '' : 's'}`
}

/** Characters that would move the cursor, change a terminal's state, or the order in which text is shown. */
const CONTROL =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Text from elsewhere, made safe for a terminal: control characters are shown, not sent. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    const digits = character.charCodeAt(0).toString(16)
    return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`
  })
}

/** The same for text that has one line to itself: what would begin another one is shown as well. */
export function printableInLine(text: string): string {
  return printable(text).replace(/[\t\n]/g, (character) => (character === '\n' ? '\\n' : '\\t'))
}

/** The same with one character for each, so that what stands below its column still does. */
export function printableInColumns(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0)
    // The block "Control Pictures" has one for each ASCII control character, DEL's behind the others.
    return code === 0x7f ? '\u2421' : code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
  })
}

/**
 * Lines of columns, left-aligned, with a heading. Cells may hold text from elsewhere.
 * @param width characters a line may have; the last column is cut to fit
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = [heading, ...rows.map((row) => row.map(printableInLine))]
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...lines.map((row) => row[column]?.length ?? 0)),
  )
  return lines.map((row) => {
    const line = row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
    return line.length > width ? `${line.slice(0, width - 1)}…` : line.trimEnd()
  })
}
