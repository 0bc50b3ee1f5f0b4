import type { Readable, Writable } from 'node:stream'
import { createInterface, type Completer, type Interface } from 'node:readline/promises'
import { HISTORY_SIZE } from './history.ts'
import { InputInterrupted } from './input-interrupted.ts'

/** Stands for a line break within an entry of the history, which the editor shows on one line. */
const LINE_BREAK = '\u2424'

export interface EditorOptions {
  input: Readable
  output: Writable
  /** Entries to go back to, oldest first; the editor never changes them. */
  history: readonly string[]
  complete: Completer
  /** Ctrl-C while no line is being read. */
  onInterrupt: () => void
}

/** `clearLine` leaves what was typed on the screen and begins a new line; Node has it, its types do not. */
type LineInterface = Interface & { clearLine?: () => void }

interface Reading {
  resolve: (line: string | undefined) => void
  reject: (error: Error) => void
}

/**
 * Edits lines at a terminal. Lines that come while none is asked for (typed ahead, pasted) wait for their turn; the
 * terminal stays in raw mode all the while, so that Ctrl-C reaches us as a key and never as a signal.
 */
export class LineEditor {
  readonly #options: EditorOptions
  #interface: LineInterface | undefined
  /** The array that the interface goes through: newest first. */
  #shownHistory: string[] = []
  #waiting: string[] = []
  #reading: Reading | undefined
  #ended = false

  constructor(options: EditorOptions) {
    this.#options = options
  }

  /** Whether the next `read` has a line already. */
  get hasLine(): boolean {
    return this.#waiting.length > 0
  }

  /**
   * Reads a line.
   * @param prompt shown unless the line is there already
   * @returns `undefined` at the end of the input (Ctrl-D); the next call then begins to read again
   * @throws {InputInterrupted} on Ctrl-C
   */
  read(prompt: string): Promise<string | undefined> {
    const line = this.#waiting.shift()
    if (line !== undefined) return Promise.resolve(line)
    if (this.#ended) {
      this.#ended = false
      return Promise.resolve(undefined)
    }
    return new Promise((resolve, reject) => {
      this.#reading = { resolve, reject }
      const editor = (this.#interface ??= this.#open())
      this.#showHistory(this.#shownHistory)
      editor.setPrompt(prompt)
      editor.prompt(true)
    })
  }

  #open(): LineInterface {
    const { input, output, complete } = this.#options
    const editor: LineInterface = createInterface({
      input,
      output,
      terminal: true,
      completer: complete,
      history: this.#shownHistory,
      // One more, as each line is added before it is replaced by the entry that it becomes part of.
      historySize: HISTORY_SIZE + 1,
    })
    editor.on('history', (shown) => this.#showHistory(shown))
    editor.on('line', (line) => this.#take(line.replaceAll(LINE_BREAK, '\n')))
    editor.on('SIGINT', () => this.#interrupt())
    // Back from Ctrl-Z, Node leaves the input paused.
    editor.on('SIGCONT', () => editor.resume())
    editor.on('close', () => this.#onClose(editor))
    return editor
  }

  /** The interface adds each line by itself; what it shows are whole entries. */
  #showHistory(shown: string[]): void {
    this.#shownHistory = shown
    const entries = this.#options.history.map((entry) => entry.replaceAll('\n', LINE_BREAK))
    shown.splice(0, shown.length, ...entries.toReversed())
  }

  #take(line: string): void {
    // What is typed while a statement runs must not draw the prompt before its result.
    this.#interface?.setPrompt('')
    const reading = this.#reading
    this.#reading = undefined
    if (reading) reading.resolve(line)
    else this.#waiting.push(line)
  }

  #interrupt(): void {
    this.#waiting = []
    const reading = this.#reading
    this.#reading = undefined
    this.#interface?.write(null, { ctrl: true, name: 'e' })
    this.#options.output.write('^C')
    this.#interface?.clearLine?.()
    this.#interface?.setPrompt('')
    if (reading) reading.reject(new InputInterrupted())
    else this.#options.onInterrupt()
  }

  #onClose(editor: LineInterface): void {
    if (this.#interface !== editor) return
    this.#interface = undefined
    const reading = this.#reading
    this.#reading = undefined
    // Ctrl-D leaves the cursor behind the prompt.
    if (reading) {
      this.#options.output.write('\n')
      reading.resolve(undefined)
    } else this.#ended = true
  }

  /** Stops reading a line, as Ctrl-C does, for a reason of the program's. */
  abort(): void {
    const reading = this.#reading
    this.#reading = undefined
    reading?.reject(new InputInterrupted())
  }

  /** Gives the terminal back as it was. */
  close(): void {
    const editor = this.#interface
    this.#interface = undefined
    editor?.close()
  }
}
