import type { ServerMessage } from '../postgres/server-message.ts'
import type { Style } from './style.ts'
import { textWidth } from './text-width.ts'
import { visible, visibleLines } from './visible-text.ts'

/** How much of a line is shown on each side of the caret, in characters. */
const CONTEXT_CHARACTERS = 60

/** What the server says about a statement, as lines for a person: the message with its SQLSTATE, the place, the rest. */
export function errorText(message: ServerMessage, statement: string | undefined, style: Style): string {
  const head = `${style.error(`${message.severity}:`)}  ${visibleLines(message.message)} (SQLSTATE ${visible(message.sqlstate)})`
  return `${[head, ...errorContext(message, statement), ...hint(message)].join('\n')}\n`
}

/**
 * The lines below an error's message, without the hint: the line with a caret, detail, context.
 * @param firstLine number of the statement's first line
 */
export function errorContext(message: ServerMessage, statement: string | undefined, firstLine = 1): string[] {
  const lines: string[] = []
  if (message.position !== undefined && statement !== undefined)
    lines.push(...pointer(statement, message.position, firstLine))
  if (message.detail) lines.push(`DETAIL:  ${visibleLines(message.detail)}`)
  if (message.internalQuery) {
    lines.push(`QUERY:  ${visibleLines(message.internalQuery)}`)
    if (message.internalPosition !== undefined)
      lines.push(...pointer(message.internalQuery, message.internalPosition))
  }
  if (message.where) lines.push(`CONTEXT:  ${visibleLines(message.where)}`)
  return lines
}

function hint(message: ServerMessage): string[] {
  return message.hint ? [`HINT:  ${visibleLines(message.hint)}`] : []
}

/** A NOTICE or WARNING, as lines for a person. Where in a function it came from is left out, as psql does. */
export function noticeText(message: ServerMessage): string {
  const lines = [`${visible(message.severity)}:  ${visibleLines(message.message)}`]
  if (message.detail) lines.push(`DETAIL:  ${visibleLines(message.detail)}`)
  return `${[...lines, ...hint(message)].join('\n')}\n`
}

/**
 * The line of a statement that an error is about, with a caret below the place.
 * @param position 1-based index as the server counts: in characters, not bytes, not UTF-16 units
 * @param firstLine number of the statement's first line
 */
export function pointer(statement: string, position: number, firstLine = 1): string[] {
  const characters = Array.from(statement)
  const at = Math.min(position - 1, characters.length)
  // A negative index would count from the end.
  const lineStart = at === 0 ? 0 : characters.lastIndexOf('\n', at - 1) + 1
  const newline = characters.indexOf('\n', at)
  const lineEnd = newline === -1 ? characters.length : newline
  const number = characters.slice(0, lineStart).filter((one) => one === '\n').length + firstLine
  const from = Math.max(lineStart, at - CONTEXT_CHARACTERS)
  const to = Math.min(lineEnd, at + CONTEXT_CHARACTERS)
  const before = `LINE ${number}: ${from > lineStart ? '…' : ''}${shown(characters.slice(from, at))}`
  const after = `${shown(characters.slice(at, to))}${to < lineEnd ? '…' : ''}`
  return [`${before}${after}`.trimEnd(), `${' '.repeat(textWidth(before))}^`]
}

function shown(characters: readonly string[]): string {
  return visible(characters.join('').replaceAll('\t', ' ').replaceAll('\r', ' '))
}
