import type { ScriptReader } from '../script/script-reader.ts'
import type { History } from './history.ts'
import type { LineEditor } from './line-editor.ts'
import type { Awaiting } from './prompt-text.ts'

/** What a terminal must know of the work before it asks for a line. */
export interface LineContext {
  /** What the next line is for; cheap. */
  readonly expects: Awaiting['kind']
  /** The prompt for it. `pending` is what has been read of the statement. */
  prompt(pending: Buffer): Promise<string>
}

/** Words that mean a command where a statement could begin, as in psql; people who are new try them first. */
const WORDS: ReadonlyMap<string, Buffer> = new Map([
  ['exit', Buffer.from('\\q\n')],
  ['quit', Buffer.from('\\q\n')],
  ['help', Buffer.from('\\?\n')],
])

/**
 * Gives the lines that a person types, one at a time, and gathers those of a statement as one entry of the history.
 * Lines of data are no part of it.
 */
export class TerminalSource implements ScriptReader {
  readonly #editor: LineEditor
  readonly #history: History
  readonly #context: LineContext
  #pending: string[] = []

  constructor(editor: LineEditor, history: History, context: LineContext) {
    this.#editor = editor
    this.#history = history
    this.#context = context
  }

  /** @throws {InputInterrupted} */
  async next(): Promise<Buffer | undefined> {
    const { expects } = this.#context
    if (expects === 'statement') await this.#remember()
    const line = await this.#read()
    if (line === undefined) return undefined
    const command = expects === 'statement' ? WORDS.get(line.trim().toLowerCase()) : undefined
    if (command) return command
    if (expects !== 'data') this.#pending.push(`${line}\n`)
    return Buffer.from(`${line}\n`)
  }

  /** Ctrl-C drops what was typed of the statement. */
  async #read(): Promise<string | undefined> {
    try {
      // A line that is there already needs no prompt.
      const prompt = this.#editor.hasLine
        ? ''
        : await this.#context.prompt(Buffer.from(this.#pending.join('')))
      return await this.#editor.read(prompt)
    } catch (error) {
      this.#pending = []
      throw error
    }
  }

  async #remember(): Promise<void> {
    const entry = this.#pending.join('')
    this.#pending = []
    await this.#history.add(entry)
  }

  async close(): Promise<void> {
    await this.#remember()
    this.#editor.close()
  }
}
