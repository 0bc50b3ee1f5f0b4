import type { LexerContext } from '../script/lexer-context.ts'
import { statementsOf } from './statements-of.ts'

/**
 * The text with its statements joined by `\;`, which sends them in one message: the server runs them in one
 * transaction, as it does with what psql's `-c` is given.
 * @returns the text as it is when it holds a backslash command, for which there is no such message
 */
export async function asOneMessage(text: string, context: LexerContext): Promise<Buffer> {
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  let from = 0
  for await (const part of statementsOf(bytes, context)) {
    if (part === 'backslash command') return bytes
    if (part.semicolon === undefined) continue
    pieces.push(bytes.subarray(from, part.semicolon), Buffer.from('\\'))
    from = part.semicolon
  }
  return Buffer.concat([...pieces, bytes.subarray(from)])
}
