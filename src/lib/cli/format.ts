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

/** Characters that would move the cursor or change a terminal's state. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Text from elsewhere, made safe for a terminal: control characters are shown, not sent. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
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
 * Lines of columns, left-aligned, with a heading.
 * @param width characters a line may have; the last column is cut to fit
 */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [heading, ...rows].map((row) => {
    const line = row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
    return line.length > width ? `${line.slice(0, width - 1)}…` : line.trimEnd()
  })
}
