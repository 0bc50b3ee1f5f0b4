import type { ArgumentReader } from '../../script/arguments.ts'
import type { RunningScript } from '../../script/host.ts'
import type { PrinterContext } from '../result-printer.ts'
import type { PromptSession } from '../prompt-session.ts'

/** What the prompt's own commands work with. */
export interface CommandContext extends PrinterContext {
  session: PromptSession
}

/** A command as it was typed. */
export interface Invocation {
  /** Without the backslash, e.g. `dt+`. */
  name: string
  reader: ArgumentReader
  run: RunningScript
  context: CommandContext
}

/** What a command does once its arguments have been read; `quit` ends the prompt. */
export type PromptAction = () => Promise<'quit' | void> | 'quit' | void

/** Reads the arguments of a command and returns what it does. */
export type PromptHandler = (invocation: Invocation) => Promise<PromptAction>

/** The next argument as text; `undefined` if there is none. Semicolons at its end are taken away, as in psql. */
export async function readText(
  { reader }: Invocation,
  kind: 'normal' | 'name' = 'normal',
): Promise<string | undefined> {
  const argument = await reader.next(kind)
  if (argument === undefined) return undefined
  const text = Buffer.from(argument.text, 'latin1').toString()
  return argument.quoted ? text : text.replace(/;+$/, '')
}
