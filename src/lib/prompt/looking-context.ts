import type { LexerContext } from '../script/lexer-context.ts'

/** What the lexer needs to look at a text without running it: variables stay as they are. */
export function lookingContext(
  session: Pick<LexerContext, 'standardStrings' | 'characterLength'>,
): LexerContext {
  return {
    get standardStrings() {
      return session.standardStrings
    },
    get characterLength() {
      return session.characterLength
    },
    stale: false,
    refuseAmbiguous: () => undefined,
    variable: () => undefined,
    quote: (value) => value,
    warn: () => undefined,
  }
}
