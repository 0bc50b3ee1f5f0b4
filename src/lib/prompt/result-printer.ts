import { setImmediate as breathe } from 'node:timers/promises'
import type { QueryResult } from '../postgres/query.ts'
import { isNumericType } from './numeric-types.ts'
import type { PromptOutput } from './prompt-output.ts'
import type { Settings } from './settings.ts'
import type { Style } from './style.ts'
import { AlignedTable, ExpandedTable, type TableHead, type TableLayout } from './table.ts'
import { visible } from './visible-text.ts'

/** What results are shown by. */
export interface PrinterContext {
  output: PromptOutput
  settings: Settings
  style: Style
  /** Columns of the terminal at this moment; `undefined` where there is none. */
  columns: () => number | undefined
  /** Whether the person has asked to stop. */
  stopped: () => boolean
}

/** A table of the prompt's own (`\dt`, `\d` …). */
export interface Presentation {
  title?: string | undefined
  /** Lines below the table instead of the number of rows. */
  footer?: readonly string[] | undefined
  /** Stays a table whatever `\x` says. */
  tableOnly?: boolean
  /** What stands for NULL. */
  nullText?: string
}

/** Rows between two moments in which keys are noticed. */
const SLICE = 500
/** From so many rows on, an expanded result says how many there are, as nobody has counted along. */
const COUNTED_ROWS = 1000

/** Statements that return rows and still have a tag worth showing: those with RETURNING. */
const CHANGES_ROWS = /^(?:INSERT|UPDATE|DELETE|MERGE)\b/

function printTag(tag: string, { output }: PrinterContext): void {
  if (tag !== '') output.write(`${visible(tag)}\n`)
}

/** Writes a statement's outcome: its rows as a table, or its command tag. */
export async function printResult(result: QueryResult, context: PrinterContext): Promise<void> {
  if (result.columns.length > 0) await printRows(result, context, {})
  if (result.columns.length === 0 || CHANGES_ROWS.test(result.command)) printTag(result.command, context)
}

/** Writes rows as a table or one below the other, in slices, so that Ctrl-C is noticed in between. */
export async function printRows(
  { columns, rows }: Pick<QueryResult, 'columns' | 'rows'>,
  context: PrinterContext,
  presentation: Presentation,
): Promise<void> {
  const { output, style } = context
  const head: TableHead = {
    columns: columns.map(({ name, typeId }) => ({ name, right: isNumericType(typeId) })),
    title: presentation.title,
    // Without colour NULL must still look unlike the text.
    nullText: presentation.nullText ?? (style.color ? 'NULL' : '<NULL>'),
    markNull: (text) => style.dim(text),
  }
  const layout = await choose(head, rows, context, presentation.tableOnly ?? false)
  const count = `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`
  const expanded = layout instanceof ExpandedTable && rows.length > 0
  output.write(layout instanceof AlignedTable || rows.length > 0 ? layout.head() : '')
  const written = await writeRows(layout, rows, context)
  if (written < rows.length) output.write(`(stopped after ${written} of ${rows.length} rows)\n`)
  else if (presentation.footer) output.write(presentation.footer.map((line) => `${line}\n`).join(''))
  else if (!expanded || rows.length > COUNTED_ROWS) output.write(count)
  output.write('\n')
  await output.drained()
}

/** Measures the rows and decides between the two layouts. */
async function choose(
  head: TableHead,
  rows: QueryResult['rows'],
  context: PrinterContext,
  tableOnly: boolean,
): Promise<TableLayout> {
  const { settings } = context
  const { expandNext } = settings
  settings.expandNext = false
  if (!tableOnly && (expandNext || settings.expanded === 'on'))
    return measured(new ExpandedTable(head), rows, context)
  const table = await measured(new AlignedTable(head), rows, context)
  const tooWide = table.width > (context.columns() ?? Number.POSITIVE_INFINITY)
  // A single column would be no narrower.
  const turnOver = !tableOnly && settings.expanded === 'auto' && tooWide && head.columns.length > 1
  return turnOver ? measured(new ExpandedTable(head), rows, context) : table
}

async function measured<T extends TableLayout>(
  layout: T,
  rows: QueryResult['rows'],
  { stopped }: PrinterContext,
): Promise<T> {
  for (const [index, row] of rows.entries()) {
    if (index % SLICE === SLICE - 1) await breathe()
    if (stopped()) break
    layout.measure(row)
  }
  return layout
}

/** Returns how many rows were written. */
async function writeRows(
  layout: TableLayout,
  rows: QueryResult['rows'],
  { output, stopped }: PrinterContext,
): Promise<number> {
  for (let from = 0; from < rows.length; from += SLICE) {
    if (stopped() || output.closed) return from
    const text = rows.slice(from, from + SLICE).map((row) => layout.row(row))
    if (!output.write(text.join(''))) await output.drained()
    if (from + SLICE < rows.length) await breathe()
  }
  return rows.length
}
