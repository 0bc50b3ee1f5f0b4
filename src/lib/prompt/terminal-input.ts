import { complete, NameCache } from './completion.ts'
import { History } from './history.ts'
import { LineEditor } from './line-editor.ts'
import { lookingContext } from './looking-context.ts'
import { openQuote } from './open-quote.ts'
import type { InputSource } from './input-source.ts'
import type { PromptOptions } from './prompt-options.ts'
import type { PromptParts } from './prompt-parts.ts'
import type { PromptSession } from './prompt-session.ts'
import { promptText, type Awaiting } from './prompt-text.ts'
import type { ReadLoop } from './read-loop.ts'
import { TerminalSource } from './terminal-source.ts'

/** The input of a person at a terminal: lines that are edited, completed and remembered. */
export async function openTerminal(
  parts: PromptParts,
  options: PromptOptions,
  loop: () => ReadLoop,
): Promise<InputSource> {
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
