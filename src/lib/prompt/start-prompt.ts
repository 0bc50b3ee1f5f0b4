import { throwIfAborted } from '../errors.ts'
import { connect } from '../postgres/connect.ts'
import { dataFromInput, openInput } from './prompt-input.ts'
import { isInteractive, type PromptEnd, type PromptOptions } from './prompt-options.ts'
import { assemble, type PromptParts } from './prompt-parts.ts'
import { ReadLoop } from './read-loop.ts'

/**
 * The built-in prompt: reads SQL and backslash commands and shows what they bring. At a terminal (`terminal`) a person
 * edits lines, an error is shown and the prompt goes on. Else (`command`, a pipe) statements run one by one, each in a
 * transaction of its own as in psql, and unlike psql the first error ends it: half a run that looks like a whole
 * one is what nobody wants.
 *
 * Nothing is read or written but the given streams, the history file, and scripts that are asked for.
 * @throws {StatementError} `SQL_ERROR`, where nobody types
 * @throws {ScriptError} the same within a script that was run with `\i`
 * @throws {CruddurError} `COMMAND_FAILED`, `CONNECTION_LOST` (at a terminal the prompt connects again instead),
 * `INTERRUPTED`, and those of `connect`
 */
export async function startPrompt(options: PromptOptions): Promise<PromptEnd> {
  const connection = await connect(options.target, { ...options.connect, signal: options.signal })
  const parts = assemble(connection, options, (_, session) => dataFromInput(options, session))
  try {
    return await runPrompt(parts, options)
  } finally {
    parts.output.release()
    await Promise.all(parts.files.map((file) => file.close()))
    await parts.session.connection.close()
  }
}

async function runPrompt(parts: PromptParts, options: PromptOptions): Promise<PromptEnd> {
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
    return leave(parts)
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
