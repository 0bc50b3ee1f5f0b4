import { isWord } from './bytes.ts'

/** How many words of a statement are looked at to see whether it makes a routine: CREATE OR REPLACE FUNCTION. */
const HEAD_WORDS = 4

/** Words that matter at the head, by the letter that stands for them. */
const HEAD = ['create', 'or', 'replace', 'function', 'procedure'] as const
const ROUTINE_HEADS = new Set(['cf', 'cp', 'corf', 'corp'])

/**
 * Tracks what keeps a semicolon from ending a statement: open parentheses, and the body of a routine between
 * BEGIN ATOMIC and END. The rule is psql's own (`psqlscan.l`): in CREATE [OR REPLACE] FUNCTION or PROCEDURE, outside
 * parentheses, BEGIN opens, CASE opens once something is open, END closes.
 */
export class RoutineBody {
  #parentheses = 0
  #blocks = 0
  #words = 0
  #head = ''
  #routine = false

  /** Whether a semicolon here is part of the statement. */
  get inside(): boolean {
    return this.#parentheses > 0 || this.#blocks > 0
  }

  /** Takes a parenthesis, `(` or `)`. One that closes nothing is left for the server to complain about. */
  parenthesis(byte: number): void {
    if (byte === 0x28) this.#parentheses += 1
    else if (this.#parentheses > 0) this.#parentheses -= 1
  }

  /** Takes a word that is no string and not quoted. */
  word(bytes: Buffer, start: number, end: number): void {
    if (this.#words < HEAD_WORDS) this.#headWord(bytes, start, end)
    this.#words += 1
    if (!this.#routine || this.#parentheses > 0) return
    if (isWord(bytes, start, end, 'begin')) this.#blocks += 1
    else if (this.#blocks === 0) return
    else if (isWord(bytes, start, end, 'case')) this.#blocks += 1
    else if (isWord(bytes, start, end, 'end')) this.#blocks -= 1
  }

  #headWord(bytes: Buffer, start: number, end: number): void {
    if (this.#words === 0) {
      this.#head = ''
      this.#routine = false
      // Nearly every statement of a large script is an INSERT: no further word of it matters.
      if (!isWord(bytes, start, end, 'create')) {
        this.#words = HEAD_WORDS
        return
      }
    }
    const word = HEAD.find((one) => isWord(bytes, start, end, one))
    this.#head += word === undefined ? '-' : word.charAt(0)
    this.#routine ||= ROUTINE_HEADS.has(this.#head)
  }

  /** The statement ends here: the next word is a head again. */
  endStatement(): void {
    this.#words = 0
  }

  /** Forgets everything, as after a statement that was sent before its end. */
  reset(): void {
    this.#parentheses = 0
    this.#blocks = 0
    this.#words = 0
  }

  /** The number of open parentheses, to be restored when a branch of `\if` is dropped. */
  get parentheses(): number {
    return this.#parentheses
  }

  set parentheses(count: number) {
    this.#parentheses = count
  }
}
