import { string as stringArg } from '@oclif/core/args'
import { boolean, custom, string } from '@oclif/core/flags'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'

/** A flag that takes a duration such as `30s`; its value is in milliseconds. */
export const duration = custom<number>({ parse: async (text) => parseDuration(text), helpValue: '30s' })

/** Which database is meant; shared by all commands of the topic `db`. */
export const databaseFlags = {
  prod: boolean({ description: 'the production database (PROD_CONNECTION_URL)', helpGroup: 'TARGET' }),
  url: string({
    description: 'a connection URL, instead of CONNECTION_URL',
    helpValue: 'postgres://…',
    helpGroup: 'TARGET',
  }),
  // Not --env-file: Node takes that one for itself, wherever it stands, and ends when there is no such file.
  dotenv: string({
    description: "read settings from here instead of the project's .env",
    helpValue: 'FILE',
    helpGroup: 'TARGET',
  }),
  wait: duration({ description: 'wait so long for a server that is not there yet', helpGroup: 'TARGET' }),
}

/** The word `local` or `prod`. */
export const databaseArgs = {
  // ignoreStdin: else oclif would take what is piped in for the missing word.
  target: stringArg({
    description: 'local (default) or prod',
    options: ['local', 'prod'],
    ignoreStdin: true,
  }),
}

/** For commands that may destroy something in a protected database. */
export const confirmFlag = {
  confirm: string({
    description: 'the name of the protected database, instead of being asked for it',
    helpValue: 'NAME',
  }),
}

export const forceFlag = {
  force: boolean({ description: 'end the sessions that are connected to the database' }),
}

/** How scripts are loaded. */
export const scriptFlags = {
  'no-transaction': boolean({ description: 'run each statement by itself, not all in one transaction' }),
  set: string({
    description: 'set a psql variable for the scripts',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'allow-programs': boolean({ description: 'let the scripts run programs on this machine' }),
}

/**
 * Splits `--set NAME=VALUE` flags.
 * @throws {UsageError} `INVALID_VARIABLE`
 */
export function parseVariables(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      const name = equals === -1 ? pair : pair.slice(0, equals)
      if (!/^[\w\u0080-\uffff]+$/.test(name))
        throw new UsageError(`"${name}" cannot be the name of a psql variable.`, {
          code: 'INVALID_VARIABLE',
          hint: 'Write --set NAME=VALUE; names hold letters, digits and _.',
        })
      return [name, equals === -1 ? '' : pair.slice(equals + 1)]
    }),
  )
}

/**
 * Splits the words of `db sessions kill` into the database that is meant and process ids.
 * @throws {UsageError} `INVALID_PID`
 */
export function parseSessionArguments(words: readonly string[]): {
  target: string | undefined
  pids: number[]
} {
  const [first = '', ...rest] = words
  const named = first === 'local' || first === 'prod'
  const pids = (named ? rest : words).map((word) => {
    if (/^[1-9]\d{0,9}$/.test(word)) return Number(word)
    throw new UsageError(`"${word}" is not a process id.`, {
      code: 'INVALID_PID',
      hint: 'cruddur db sessions lists them.',
    })
  })
  return { target: named ? first : undefined, pids }
}
