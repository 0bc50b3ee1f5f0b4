import type { RunningScript } from './host.ts'
import type { LexerContext, VariableValue } from './lexer-context.ts'
import type { CharacterLength } from './multibyte.ts'
import { quoteValue } from './quote-value.ts'

type Run = Pick<RunningScript, 'host' | 'frame' | 'lexer' | 'conditionals' | 'refuse'>

/** What the lexer of a running script needs to know of the session and the variables. */
export class RunContext implements LexerContext {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  get standardStrings(): boolean {
    return this.#run.host.session.standardStrings
  }

  get stale(): boolean {
    return this.#run.host.session.stale
  }

  get characterLength(): CharacterLength | undefined {
    return this.#run.host.session.characterLength
  }

  variable(name: string): VariableValue {
    // In a branch that is skipped, psql substitutes nothing.
    if (!this.#run.conditionals.active) return undefined
    const value = this.#run.host.variable(name)
    return typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  }

  quote(value: Buffer, as: 'literal' | 'identifier'): Buffer {
    return Buffer.from(quoteValue(value.toString('latin1'), as), 'latin1')
  }

  refuseAmbiguous(): never {
    return this.#run.refuse(
      'an E string goes on behind a line break with an escaped quote, which psql and the server read differently',
      this.#run.lexer.offset,
      'AMBIGUOUS_STRING',
      'Join the parts of the string, or write the quote as two quotes.',
    )
  }

  warn(text: string): void {
    this.#run.host.warn(this.#run.frame, text)
  }
}
