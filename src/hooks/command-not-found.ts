import type { Hook } from '@oclif/core/interfaces'
import { UsageError } from '../lib/errors.ts'
import { nearest } from '../lib/cli/nearest.ts'

/** Names the command that was probably meant. It is shown, never run: a wrong guess could drop a database. */
const hook: Hook.CommandNotFound = async ({ id, config }) => {
  const typed = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((one) => one.replaceAll(':', ' '))
  const guess = nearest(typed, known)
  throw new UsageError(`There is no command "${config.bin} ${typed}".`, {
    code: 'UNKNOWN_COMMAND',
    hint: guess ? `${config.bin} ${guess}` : `${config.bin} --help lists the commands.`,
  })
}

export default hook
