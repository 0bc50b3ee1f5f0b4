import { unsafeCharacterLength } from '../script/multibyte.ts'
import type { Connection } from '../postgres/connection.ts'
import type { LexerContext } from '../script/lexer-context.ts'
import { Lexer } from '../script/lexer.ts'
import { ownStatement, type Statement } from '../script/statement.ts'
import { Window } from '../script/window.ts'
import { lookingContext } from './looking-context.ts'
import { textReader } from './text-reader.ts'

/** A statement of a text, or the backslash command where the statements end. */
export type Part = { statement: Statement; semicolon: number | undefined } | 'backslash command'

/** How strings and characters are read on a connection, at each moment. */
export function readingContext({ parameters }: Connection): LexerContext {
  return lookingContext({
    get standardStrings() {
      return parameters.get('standard_conforming_strings') !== 'off'
    },
    get characterLength() {
      return unsafeCharacterLength(parameters.get('client_encoding') ?? 'UTF8')
    },
  })
}

/**
 * Cuts a text into statements, each when it is asked for: the one before it may have changed how strings are read. Ends
 * at the first backslash command. `semicolon` is the offset of the one that ends the statement.
 */
export async function* statementsOf(sql: Buffer, context: LexerContext): AsyncGenerator<Part> {
  const lexer = new Lexer(new Window(textReader(sql)), context, ownStatement('').frame)
  for (;;) {
    const stop = lexer.scan()
    if (stop === 'more') await lexer.fill()
    else if (stop === 'backslash') {
      yield 'backslash command'
      return
    } else {
      const semicolon = stop === 'semicolon' ? lexer.offset - 1 : undefined
      const statement = lexer.take()
      if (statement) yield { statement, semicolon }
      if (stop === 'end') return
    }
  }
}
