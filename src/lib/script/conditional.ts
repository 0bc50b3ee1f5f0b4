import type { LexerMark } from './lexer-context.ts'

/**
 * A branch of `\if`: `true` is being run; `false` is skipped, a later one may run; `ignored` is skipped whatever
 * comes, because an earlier one ran or the whole lies in a skipped branch; the last two are behind `\else`.
 */
type Branch = 'true' | 'false' | 'ignored' | 'else true' | 'else false'

interface Level {
  branch: Branch
  /** Where the statement's text was when the branch began, to go back to if it is skipped. */
  mark: LexerMark
  /** Offset of the `\if` in the script. */
  offset: number
}

/** The `\if`s that are open in one script, innermost last. */
export class Conditionals {
  readonly #levels: Level[] = []

  /** Whether what is read now is to be run. */
  get active(): boolean {
    const level = this.#levels.at(-1)
    return level === undefined || level.branch === 'true' || level.branch === 'else true'
  }

  /** Whether the condition of an `\elif` here counts: no branch of this `\if` has run yet. */
  get mayTurnTrue(): boolean {
    return this.#levels.at(-1)?.branch === 'false'
  }

  /** In a branch that is skipped, what is read does not count from here on. */
  get droppedFrom(): LexerMark | undefined {
    return this.active ? undefined : this.#levels.at(-1)?.mark
  }

  /** Offset of the innermost open `\if`, or `undefined`. */
  get openedAt(): number | undefined {
    return this.#levels.at(-1)?.offset
  }

  /** `\if`. The condition is evaluated only where it counts. */
  open(mark: LexerMark, offset: number, condition: () => boolean): void {
    this.#levels.push({ branch: !this.active ? 'ignored' : condition() ? 'true' : 'false', mark, offset })
  }

  /**
   * `\elif`.
   * @returns the mark to restore, if the branch that ends was skipped
   * @throws {Error} when there is no `\if`, or behind `\else`; the message is psql's
   */
  elseIf(mark: LexerMark, condition: () => boolean): LexerMark | undefined {
    const level = this.#top('elif')
    const dropped = this.#end(level)
    if (level.branch === 'true') level.branch = 'ignored'
    else if (level.branch === 'false') level.branch = condition() ? 'true' : 'false'
    else if (level.branch !== 'ignored') throw new Error('\\elif: cannot occur after \\else')
    level.mark = dropped ?? mark
    return dropped
  }

  /** `\else`; as `elseIf`. */
  else(mark: LexerMark): LexerMark | undefined {
    const level = this.#top('else')
    const dropped = this.#end(level)
    if (level.branch === 'false') level.branch = 'else true'
    else if (level.branch === 'true' || level.branch === 'ignored') level.branch = 'else false'
    else throw new Error('\\else: cannot occur after \\else')
    level.mark = dropped ?? mark
    return dropped
  }

  /** `\endif`; as `elseIf`. */
  close(): LexerMark | undefined {
    const level = this.#top('endif')
    const dropped = this.#end(level)
    this.#levels.pop()
    return dropped
  }

  #top(command: string): Level {
    const level = this.#levels.at(-1)
    if (!level) throw new Error(`\\${command}: no matching \\if`)
    return level
  }

  /** The text read in a skipped branch is dropped. */
  #end(level: Level): LexerMark | undefined {
    return level.branch === 'true' || level.branch === 'else true' ? undefined : level.mark
  }
}
