import { CommandError } from '../../script/commands/command.ts'
import type { PromptHandler } from './command.ts'

/** `\g` and `\gx`: send the statement, or the last one again; `\gx` shows its rows one below the other. */
export const send: PromptHandler = async ({ name, reader, run, context }) => {
  if (reader.startsWith('|') || (await reader.next()))
    throw new CommandError(`\\${name}: results go to the terminal only, not to a file or a program`)
  return async () => {
    const statement = run.takeForSending()
    if (!statement) return
    context.settings.expandNext = name === 'gx'
    try {
      await run.send(statement)
    } finally {
      context.settings.expandNext = false
    }
  }
}
