import { throwIfAborted } from '../errors.ts'
import { connect } from '../postgres/connect.ts'
import { asOneMessage } from './one-message.ts'
import { CommandData, openInput } from './prompt-input.ts'
import { isInteractive, type PromptEnd, type PromptOptions } from './prompt-options.ts'
import { assemble, type PromptParts } from './prompt-parts.ts'
import { ReadLoop } from './read-loop.ts'
import { readingContext } from './statements-of.ts'
import { textReader } from './text-reader.ts'

/**
 * The built-in prompt: reads SQL and backslash commands and shows what they bring. At a terminal (`terminal`) a person
 * edits lines, an error is shown and the prompt goes on. Else (`commands`, a pipe) the first error ends it, unlike in
 * psql: half a run that looks like a whole one is what nobody wants. Statements from a pipe run one by one, each in a
 * transaction of its own.
 *
 * Nothing is read or written but the given streams, the history file, and scripts that are asked for.
 * @throws {StatementError} `SQL_ERROR`, where nobody types
 * @throws {ScriptError} the same within a script that was run with `\i`
 * @throws {CruddurError} `COMMAND_FAILED`, `CONNECTION_LOST` (at a terminal the prompt connects again instead),
 * `INTERRUPTED`, and those of `connect`
 */
export async function startPrompt(options: PromptOptions): Promise<PromptEnd> {
  const connection = await connect(options.target, { ...options.connect, signal: options.signal })
  const data = new CommandData(options)
  const parts = assemble(connection, options, (_, session) => data.next(session))
  try {
    await (options.commands === undefined
      ? runInput(parts, options)
      : runCommands(parts, options.commands, options))
    return leave(parts)
  } finally {
    parts.output.release()
    await data.close()
    await Promise.all(parts.files.map((file) => file.close()))
    await parts.session.connection.close()
  }
}

async function runCommands(
  parts: PromptParts,
  commands: readonly string[],
  { signal }: PromptOptions,
): Promise<void> {
  const onAbort = () => parts.session.interrupt()
  signal?.addEventListener('abort', onAbort)
  try {
    for (const command of commands) {
      throwIfAborted(signal)
      const source = textReader(await asOneMessage(command, readingContext(parts.session.connection)))
      await new ReadLoop({ ...parts, source, interactive: false, signal }).toEnd()
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

async function runInput(parts: PromptParts, options: PromptOptions): Promise<void> {
  const { session, output } = parts
  const interactive = isInteractive(options)
  if (interactive) {
    await parts.updateLabel()
    output.say(greeting(parts))
  }
  const input = await openInput(parts, options, () => loop)
  const loop = new ReadLoop({
    ...parts,
    source: input.source,
    interactive,
    lineOf: input.lineOf,
    signal: options.signal,
  })
  const onAbort = () => {
    session.interrupt()
    input.abort()
  }
  options.signal?.addEventListener('abort', onAbort)
  try {
    throwIfAborted(options.signal)
    await loop.toEnd()
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
    await input.source.close()
  }
}

function greeting({ session }: PromptParts): string {
  const version = session.connection.parameters.get('server_version') ?? ''
  return `PostgreSQL ${version}. \\? lists the commands, \\q leaves.\n`
}

/** What is still open goes with the session; nobody should think that it was kept. */
function leave({ session, output }: PromptParts): PromptEnd {
  const { connection, statements } = session
  const rolledBack = connection.alive && connection.transactionStatus !== 'I'
  if (rolledBack) output.say('A transaction was still open; it was rolled back.\n')
  return { statements, rolledBack }
}
