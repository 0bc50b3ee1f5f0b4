import { branchCommands } from './branch.ts'
import { CommandError, type Action, type Command, type Handler } from './command.ts'
import { connectionCommands } from './connection.ts'
import { copyCommands } from './copy.ts'
import { flowCommands } from './flow.ts'
import { outputCommands } from './output.ts'
import { sendCommands } from './send.ts'
import { settingCommands } from './settings.ts'
import { skipArguments, unsupportedHandler } from './unsupported.ts'

const HANDLERS: Readonly<Record<string, Handler>> = {
  ...connectionCommands,
  ...copyCommands,
  ...flowCommands,
  ...outputCommands,
  ...sendCommands,
  ...settingCommands,
}

function find(table: Readonly<Record<string, Handler>>, name: string): Handler | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/**
 * Reads the arguments of a backslash command and returns what it does. In a branch that is skipped, only the commands
 * of `\if` count, but an unknown one is an error there too, as in psql.
 * @throws {CommandError} in psql's words
 * @throws {ScriptFailure} kind `refused`
 */
export async function prepareCommand(command: Command): Promise<Action | void> {
  const { name, run } = command
  if (run.host.restrictKey !== undefined && name !== 'unrestrict')
    throw new CommandError('backslash commands are restricted; only \\unrestrict is allowed')
  const branch = find(branchCommands, name)
  if (branch) return branch(command)
  const handler = find(HANDLERS, name) ?? unsupportedHandler(name)
  if (!handler) throw new CommandError(`invalid command \\${name}`)
  if (run.conditionals.active) return handler(command)
  await skipArguments(command)
}
