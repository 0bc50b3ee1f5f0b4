import { homedir } from 'node:os'
import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { CruddurError } from '../../errors.ts'
import { asCommandError, CommandError, type Handler } from './command.ts'

/** A path as the script gives it, bytes one per character, as text. */
function pathText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

function include(relative: boolean): Handler {
  return async ({ reader, run, name, offset }) => {
    const path = await reader.next()
    if (path === undefined) throw new CommandError(`\\${name}: missing required argument`)
    return async () => {
      try {
        await run.host.include(pathText(path.text), relative, run.frame, offset)
      } catch (error) {
        throw error instanceof CruddurError && error.code === 'SCRIPT_NOT_READABLE'
          ? asCommandError(error)
          : error
      }
    }
  }
}

const changeDirectory: Handler = async ({ reader, run }) => {
  const argument = await reader.next()
  return async () => {
    const { host } = run
    const path = argument === undefined ? homedir() : pathText(argument.text)
    const absolute = isAbsolute(path) ? path : join(host.directory, path)
    const found = await stat(absolute).catch(() => undefined)
    if (!found?.isDirectory())
      throw asCommandError(new Error(`\\cd: could not change directory to "${path}"`))
    host.directory = absolute
  }
}

const quit: Handler = async () => () => 'quit'

/** Drops the statement read so far. */
const reset: Handler =
  async ({ run }) =>
  () =>
    run.lexer.reset()

export const flowCommands: Readonly<Record<string, Handler>> = {
  i: include(false),
  include: include(false),
  ir: include(true),
  include_relative: include(true),
  cd: changeDirectory,
  q: quit,
  quit,
  r: reset,
  reset,
}
