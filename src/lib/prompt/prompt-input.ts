import { inlineCopyData } from '../script/copy-data.ts'
import type { ScriptReader } from '../script/source.ts'
import { Window } from '../script/window.ts'
import { complete, NameCache } from './completion.ts'
import { History } from './history.ts'
import { LineEditor } from './line-editor.ts'
import { openQuote } from './open-quote.ts'
import type { PromptOptions } from './prompt-options.ts'
import type { PromptParts } from './prompt-parts.ts'
import type { PromptSession } from './prompt-session.ts'
import { promptText, type Awaiting } from './prompt-text.ts'
import { lookingContext } from './looking-context.ts'
import type { ReadLoop } from './read-loop.ts'
import { StreamSource } from './stream-source.ts'
import { TerminalSource } from './terminal-source.ts'
import { textReader } from './text-reader.ts'

/** Where statements come from. */
export interface PromptInput {
  source: ScriptReader
  lineOf?: (offset: number) => number
  /** Stops waiting for input. */
  abort: () => void
}

function nothing(): void {}

/** The input that the options ask for: a person's lines, a stream, or a text. */
export async function openInput(
  parts: PromptParts,
  options: PromptOptions,
  loop: () => ReadLoop,
): Promise<PromptInput> {
  if (options.command !== undefined)
    return { source: textReader(Buffer.from(options.command)), abort: nothing }
  if (options.terminal) return openTerminal(parts, options, loop)
  const source = new StreamSource(options.input, options.signal)
  return { source, lineOf: (offset) => source.lines.lineOf(offset), abort: nothing }
}

async function openTerminal(
  parts: PromptParts,
  options: PromptOptions,
  loop: () => ReadLoop,
): Promise<PromptInput> {
  const { session, output } = parts
  const history = await History.open(options.historyFile)
  if (history.failure !== undefined)
    output.say(`What is typed here will not be remembered: ${history.failure}.\n`)
  const names = new NameCache(session)
  const editor = new LineEditor({
    input: options.input,
    output: options.output,
    history: history.entries,
    complete: async (line) => complete(line, await names.get()),
    onInterrupt: () => session.interrupt(),
  })
  const source = new TerminalSource(editor, history, {
    get expects() {
      if (session.copying) return 'data'
      return loop().run.lexer.unfinished ? 'rest' : 'statement'
    },
    async prompt(pending) {
      session.ready()
      const { label, context } = parts
      const facts = { connection: session.connection, label: label(), style: context.style }
      return promptText(await awaiting(pending, session, loop()), facts)
    },
  })
  return { source, abort: () => editor.abort() }
}

async function awaiting(pending: Buffer, session: PromptSession, { run }: ReadLoop): Promise<Awaiting> {
  if (session.copying) return { kind: 'data' }
  if (!run.lexer.unfinished) return { kind: 'statement', skipping: !run.conditionals.active }
  const quote = await openQuote(pending, lookingContext(session))
  return { kind: 'rest', open: quote ?? (run.lexer.mark().parentheses > 0 ? '(' : '-') }
}

/** Data for a COPY that `-c` holds: it is what comes from the input, up to `\.` or its end. */
export function dataFromInput(
  options: PromptOptions,
  session: PromptSession,
): AsyncIterable<Buffer> | undefined {
  if (options.command === undefined) return undefined
  const window = new Window(new StreamSource(options.input, options.signal))
  return inlineCopyData(window, session.wantsCopyTerminator)
}
