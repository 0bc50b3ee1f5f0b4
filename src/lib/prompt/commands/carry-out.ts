import { nearest } from '../../nearest.ts'
import { ArgumentReader, type ArgumentContext } from '../../script/arguments.ts'
import { CommandError } from '../../script/commands/command.ts'
import { prepareCommand } from '../../script/commands/index.ts'
import { skipArguments, unsupportedHandler } from '../../script/commands/unsupported.ts'
import type { RunningScript } from '../../script/host.ts'
import type { CommandContext, PromptAction } from './command.ts'
import { COMMAND_NAMES, findCommand } from './table.ts'

/** Commands of psql that run a program on this machine. */
const PROGRAMS = new Set(['!', 'e', 'edit', 'ef', 'ev'])

/** A command with what it is to work on. */
export interface CommandLine {
  run: RunningScript
  context: CommandContext
  /** The rest of the line behind the backslash, bytes one per character. */
  line: string
  /** Offset of the backslash. */
  offset: number
  arguments: ArgumentContext
}

/**
 * Reads a backslash command; tells how much of the line belongs to it and what it does.
 * @throws {CommandError} when it is not known, or its arguments are wrong
 */
export async function readCommand(
  command: CommandLine,
): Promise<{ length: number; action: PromptAction | undefined }> {
  const { run } = command
  const { active } = run.conditionals
  const reader = new ArgumentReader(command.line, command.arguments)
  const name = reader.command()
  const found = findCommand(name)
  if (!found && active) throw unknown(name)
  if (found !== 'script' && run.host.restrictKey !== undefined)
    throw new CommandError('backslash commands are restricted; only \\unrestrict is allowed')
  let action: PromptAction | undefined
  if (found === 'script') {
    action = (await prepareCommand({ name, run, reader, offset: command.offset })) ?? undefined
  } else if (found && active) action = await found({ name, reader, run, context: command.context })
  else await skipArguments({ name, run, reader, offset: command.offset })
  await reader.finish(name, active)
  return { length: reader.position, action }
}

/** Says what can be done instead of a command that the prompt has not. */
function unknown(name: string): CommandError {
  if (PROGRAMS.has(name))
    return new CommandError(`\\${name} is not available here: the built-in prompt runs no programs`)
  if (unsupportedHandler(name))
    return new CommandError(`\\${name} is not available in the built-in prompt; psql has it`)
  const near = nearest(name, COMMAND_NAMES)
  return new CommandError(
    `invalid command \\${name}${near === undefined ? '' : `; did you mean \\${near}?`} (\\? lists all)`,
  )
}
