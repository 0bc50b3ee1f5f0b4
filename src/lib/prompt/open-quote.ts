import type { LexerContext } from '../script/lexer-context.ts'
import { Lexer } from '../script/lexer.ts'
import { ownStatement } from '../script/statement.ts'
import { Window } from '../script/window.ts'
import { textReader } from './text-reader.ts'

/** What an unfinished text is inside of, by the character that psql's prompt shows for it. */
export type OpenQuote = "'" | '"' | '$' | '*'

/** How deeply nested a comment may be for the prompt to know it as one. */
const COMMENT_DEPTH = 50

/** What ends each kind of quote, and nothing else; dollar quotes, whose end is not fixed, are what remains. */
const ENDINGS: readonly [OpenQuote | undefined, string][] = [
  [undefined, ''],
  ["'", "'"],
  ['"', '"'],
  ['*', '*/ '.repeat(COMMENT_DEPTH)],
]

/**
 * Tells what a text that is not finished is inside of: a string, a quoted name, a comment, a dollar quote or
 * (`undefined`) none. The lexer does not say, but a backslash stops it only outside quotes: so it is asked what it does
 * with a backslash behind each possible ending.
 * @param text whole lines
 */
export async function openQuote(text: Buffer, context: LexerContext): Promise<OpenQuote | undefined> {
  for (const [quote, ending] of ENDINGS)
    if (await stopsAtEnd(Buffer.concat([text, Buffer.from(`${ending}\\`)]), context)) return quote
  return '$'
}

/** Whether the lexer takes the last byte, a backslash, for the beginning of a command. */
async function stopsAtEnd(text: Buffer, context: LexerContext): Promise<boolean> {
  const window = new Window(textReader(text))
  const lexer = new Lexer(window, context, ownStatement('').frame)
  for (;;) {
    const stop = lexer.scan()
    if (stop === 'end' || stop === 'sync') return false
    if (stop === 'more') await lexer.fill()
    else if (stop === 'semicolon') lexer.take()
    else if (lexer.offset === text.length) return true
    // A command's arguments are no SQL.
    else lexer.consume(lexer.restOfLine()?.length ?? 0)
  }
}
