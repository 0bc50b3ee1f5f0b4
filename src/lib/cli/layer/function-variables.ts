import type { Settings } from '../../config/settings.ts'
import { UsageError } from '../../errors.ts'

/**
 * The variables of a function from `--env` flags: `NAME=VALUE`, or `NAME` for what the environment or `.env` says, so that a secret need
 * not be on the command line.
 * @throws {UsageError} `INVALID_VARIABLE`
 */
export function functionVariables(
  flags: readonly string[] = [],
  settings: Pick<Settings, 'find'>,
): Record<string, string> {
  return Object.fromEntries(flags.map((flag) => variable(flag, settings)))
}

function variable(flag: string, settings: Pick<Settings, 'find'>): [name: string, value: string] {
  const equals = flag.indexOf('=')
  const name = equals === -1 ? flag : flag.slice(0, equals)
  // Lambda, API reference, Environment: "[a-zA-Z]([a-zA-Z0-9_])+"; names with a leading underscore are reserved.
  if (!/^[a-zA-Z]\w*$/.test(name))
    throw new UsageError(`"${name}" cannot be the name of a function's variable.`, {
      code: 'INVALID_VARIABLE',
      hint: 'Write --env NAME=VALUE, or --env NAME to pass on what the environment or .env has.',
    })
  if (equals !== -1) return [name, flag.slice(equals + 1)]
  const found = settings.find(name)
  if (found) return [name, found.value]
  throw new UsageError(`${name} is neither in the environment nor in .env.`, {
    code: 'INVALID_VARIABLE',
    hint: `Set it, or write --env ${name}=VALUE.`,
  })
}
