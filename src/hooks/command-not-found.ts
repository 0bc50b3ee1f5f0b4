import type { Hook } from '@oclif/core/interfaces'
import { UsageError } from '../lib/errors.ts'
import { nearest } from '../lib/nearest.ts'

/** Names the command that was probably meant. It is shown, never run: a wrong guess could drop a database. */
const hook: Hook.CommandNotFound = async ({ id, config }) => {
  // What looks like a connection URL may hold a password, and oclif has taken it apart: it is not repeated.
  if (id.includes('//') || id.includes('password'))
    throw new UsageError('A connection URL is not a command.', {
      code: 'UNKNOWN_COMMAND',
      hint: `Give it with --url: ${config.bin} db status --url postgres://…`,
    })
  const typed = id.replaceAll(':', ' ')
  const known = config.commandIDs.map((one) => one.replaceAll(':', ' '))
  // What the topic is called is no likeness: `db frob` is not nearly `db drop`.
  const topic = known.some((one) => one.startsWith(`${typed.split(' ')[0]} `))
    ? `${typed.split(' ')[0]} `
    : ''
  const inTopic = known.filter((one) => one.startsWith(topic)).map((one) => one.slice(topic.length))
  const guess = nearest(typed.slice(topic.length), inTopic)
  throw new UsageError(`There is no command "${config.bin} ${typed}".`, {
    code: 'UNKNOWN_COMMAND',
    hint: guess ? `Did you mean ${config.bin} ${topic}${guess}?` : `${config.bin} --help lists the commands.`,
  })
}

export default hook
