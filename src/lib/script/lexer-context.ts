import type { PENDING } from './session.ts'
import type { QuotingContext } from './quoted-text.ts'
import type { TextMark } from './statement-text.ts'

/**
 * Why the lexer stopped: at a semicolon that ends a statement, behind a backslash that begins a command, at the end
 * of the script, for want of more bytes, or because the next step depends on statements whose outcome is not known
 * yet (`sync`).
 */
export type Stop = 'semicolon' | 'backslash' | 'end' | 'more' | 'sync'

/** The value of a variable; `undefined` when it is not set; `PENDING` when it depends on what is still under way. */
export type VariableValue = Buffer | undefined | typeof PENDING

/** What the lexer needs to know of the session and of psql's variables. */
export interface LexerContext extends QuotingContext {
  /** `standard_conforming_strings`, as far as the server has reported it. */
  readonly standardStrings: boolean
  /** `name` holds bytes, one per character. */
  variable(name: string): VariableValue
  /** The value quoted as a literal or as an identifier. */
  quote(value: Buffer, as: 'literal' | 'identifier'): Buffer
  warn(text: string): void
}

/** State to go back to when a branch of `\if` turns out not to be taken. */
export interface LexerMark {
  text: TextMark
  parentheses: number
}
