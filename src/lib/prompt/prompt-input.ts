import { inlineCopyData } from '../script/copy-data.ts'
import { Window } from '../script/window.ts'
import type { InputSource } from './input-source.ts'
import type { PromptOptions } from './prompt-options.ts'
import type { PromptParts } from './prompt-parts.ts'
import type { PromptSession } from './prompt-session.ts'
import type { ReadLoop } from './read-loop.ts'
import { StreamSource } from './stream-source.ts'

function nothing(): void {}

/** The input where statements are read from it: a person's lines, or a stream. */
export async function openInput(
  parts: PromptParts,
  options: PromptOptions,
  loop: () => ReadLoop,
): Promise<InputSource> {
  if (options.terminal) {
    const { openTerminal } = await import('./terminal-input.ts')
    return openTerminal(parts, options, loop)
  }
  const source = new StreamSource(options.input, options.signal)
  return { source, lineOf: (offset) => source.lines.lineOf(offset), abort: nothing }
}

/** What the input is to `commands`: the data for their COPYs, for each up to `\.` or the end. Read only if there is one. */
export class CommandData {
  readonly #options: PromptOptions
  #source: StreamSource | undefined
  #window: Window | undefined

  constructor(options: PromptOptions) {
    this.#options = options
  }

  /** Data for the next COPY; `undefined` where statements come from the input, and their data with them. */
  next(session: PromptSession): AsyncIterable<Buffer> | undefined {
    const { commands, input, signal } = this.#options
    if (commands === undefined) return undefined
    this.#source ??= new StreamSource(input, signal)
    this.#window ??= new Window(this.#source)
    return inlineCopyData(this.#window, session.wantsCopyTerminator)
  }

  /** Lets go of the input: a pipe that stays open would keep the process. */
  async close(): Promise<void> {
    await this.#source?.close()
  }
}
