import { textWidth } from './text-width.ts'
import { visible } from './visible-text.ts'

/** A value laid out: its lines, and how many columns each takes. */
export interface Cell {
  lines: string[]
  widths: number[]
  /** Columns of the widest line. */
  width: number
  /** Stands for NULL, not for a text. */
  isNull: boolean
}

/** psql's tab stops within a value. */
const TAB_STOP = 8

/** Lays a value out as psql does: a line for each line feed, tabs as blanks, other control characters escaped. */
export function layOut(value: string | null, nullText: string): Cell {
  const lines = (value ?? nullText).split('\n').map((line) => expandTabs(line))
  const widths = lines.map((line) => textWidth(line))
  return { lines, widths, width: widest(widths), isNull: value === null }
}

function widest(widths: readonly number[]): number {
  let result = 0
  for (const width of widths) if (width > result) result = width
  return result
}

function expandTabs(line: string): string {
  if (!line.includes('\t')) return visible(line)
  let result = ''
  let columns = 0
  for (const [index, part] of line.split('\t').entries()) {
    const blanks = index === 0 ? 0 : TAB_STOP - (columns % TAB_STOP)
    const shown = visible(part)
    result += ' '.repeat(blanks) + shown
    columns += blanks + textWidth(shown)
  }
  return result
}
