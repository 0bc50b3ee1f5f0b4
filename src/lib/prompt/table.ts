import { layOut, type Cell } from './cell.ts'
import { padEnd, textWidth } from './text-width.ts'
import { visible } from './visible-text.ts'

/** What a table consists of besides its rows. */
export interface TableHead {
  columns: readonly TableColumn[]
  /** Stands centred above the table. */
  title?: string | undefined
  /** What is shown for NULL, and how it is marked (colour takes no columns). */
  nullText: string
  markNull: (text: string) => string
}

interface TableColumn {
  name: string
  /** Numbers stand on the right. */
  right: boolean
}

type Row = readonly (string | null)[]

/** A way to lay out rows. First every row is measured, then the parts are written in order. */
export interface TableLayout {
  measure(row: Row): void
  /** Columns of the terminal that the whole takes; known when all rows have been measured. */
  readonly width: number
  head(): string
  row(row: Row): string
}

/** psql's aligned format with border 1. */
export class AlignedTable implements TableLayout {
  readonly #head: TableHead
  readonly #names: Cell[]
  readonly #widths: number[]

  constructor(head: TableHead) {
    this.#head = head
    this.#names = head.columns.map(({ name }) => layOut(name, ''))
    this.#widths = this.#names.map(({ width }) => width)
  }

  measure(row: Row): void {
    for (const [index, value] of row.entries()) {
      const { width } = layOut(value, this.#head.nullText)
      if (width > (this.#widths[index] ?? 0)) this.#widths[index] = width
    }
  }

  get width(): number {
    return this.#widths.reduce((sum, width) => sum + width + 3, -1)
  }

  head(): string {
    const title = this.#title()
    const height = Math.max(1, ...this.#names.map(({ lines }) => lines.length))
    const lines: string[] = []
    for (let line = 0; line < height; line++)
      lines.push(this.#names.map((cell, index) => this.#headCell(cell, index, line)).join('|'))
    lines.push(this.#widths.map((width) => '-'.repeat(width + 2)).join('+'))
    return `${title}${lines.join('\n')}\n`
  }

  #title(): string {
    if (this.#head.title === undefined) return ''
    const title = visible(this.#head.title)
    return `${' '.repeat(Math.max(0, Math.floor((this.width - textWidth(title)) / 2)))}${title}\n`
  }

  /** Names stand in the middle. */
  #headCell(cell: Cell, index: number, line: number): string {
    const room = (this.#widths[index] ?? 0) - (cell.widths[line] ?? 0)
    const before = Math.floor(room / 2)
    return ` ${' '.repeat(before)}${cell.lines[line] ?? ''}${' '.repeat(room - before)}${more(cell, line) ? '+' : ' '}`
  }

  row(row: Row): string {
    const cells = row.map((value) => layOut(value, this.#head.nullText))
    const height = Math.max(1, ...cells.map(({ lines }) => lines.length))
    let text = ''
    for (let line = 0; line < height; line++)
      text += `${cells.map((cell, index) => this.#cell(cell, index, line, cells.length)).join('|')}\n`
    return text
  }

  /** One line of a cell; a plus behind it says that the value goes on. No blanks end the line of a table. */
  #cell(cell: Cell, index: number, line: number, count: number): string {
    const last = index === count - 1
    const text = cell.lines[line]
    const width = this.#widths[index] ?? 0
    if (text === undefined) return last ? ' ' : ' '.repeat(width + 2)
    const shown = cell.isNull ? this.#head.markNull(text) : text
    const blanks = width - (cell.widths[line] ?? 0)
    if (this.#head.columns[index]?.right) {
      return ` ${' '.repeat(blanks)}${shown}${more(cell, line) ? '+' : last ? '' : ' '}`
    }
    if (more(cell, line)) return ` ${shown}${' '.repeat(blanks)}+`
    return last ? ` ${shown}` : ` ${shown}${' '.repeat(blanks)} `
  }
}

/** Whether a further line of the cell follows. */
function more(cell: Cell, line: number): boolean {
  return line < cell.lines.length - 1
}

/** psql's expanded format: a line for each column, and a heading above each row. */
export class ExpandedTable implements TableLayout {
  readonly #head: TableHead
  readonly #names: Cell[]
  readonly #nameWidth: number
  #valueWidth = 0
  #record = 0

  constructor(head: TableHead) {
    this.#head = head
    this.#names = head.columns.map(({ name }) => layOut(name, ''))
    this.#nameWidth = Math.max(0, ...this.#names.map(({ width }) => width))
  }

  measure(row: Row): void {
    for (const value of row)
      this.#valueWidth = Math.max(this.#valueWidth, layOut(value, this.#head.nullText).width)
  }

  get width(): number {
    return this.#nameWidth + 3 + this.#valueWidth
  }

  head(): string {
    return this.#head.title === undefined ? '' : `${visible(this.#head.title)}\n`
  }

  row(row: Row): string {
    this.#record += 1
    const label = `-[ RECORD ${this.#record} ]`
    const rule = `${'-'.repeat(this.#nameWidth + 1)}+${'-'.repeat(this.#valueWidth + 1)}`
    const lines = [label + rule.slice(label.length)]
    for (const [index, name] of this.#names.entries())
      lines.push(...this.#field(name, layOut(row[index] ?? null, this.#head.nullText)))
    return `${lines.join('\n')}\n`
  }

  #field(name: Cell, value: Cell): string[] {
    const lines: string[] = []
    for (let line = 0; line < Math.max(name.lines.length, value.lines.length); line++) {
      const left = padEnd(name.lines[line] ?? '', name.widths[line] ?? 0, this.#nameWidth)
      lines.push(`${left}${more(name, line) ? '+' : ' '}|${this.#value(value, line)}`)
    }
    return lines
  }

  #value(value: Cell, line: number): string {
    const text = value.lines[line]
    if (text === undefined) return ''
    if (more(value, line)) return ` ${padEnd(text, value.widths[line] ?? 0, this.#valueWidth)}+`
    return ` ${value.isNull ? this.#head.markNull(text) : text}`
  }
}
