import { parseArgs } from 'node:util'
import { UsageError } from '../errors.ts'

const TEXT = { type: 'string' } as const

/** psql's options that take a value ("Options" in its documentation), without which words could not be told apart. */
const OPTIONS = {
  command: { ...TEXT, short: 'c' },
  dbname: { ...TEXT, short: 'd' },
  file: { ...TEXT, short: 'f' },
  'field-separator': { ...TEXT, short: 'F' },
  host: { ...TEXT, short: 'h' },
  'log-file': { ...TEXT, short: 'L' },
  output: { ...TEXT, short: 'o' },
  port: { ...TEXT, short: 'p' },
  pset: { ...TEXT, short: 'P' },
  'record-separator': { ...TEXT, short: 'R' },
  'table-attr': { ...TEXT, short: 'T' },
  username: { ...TEXT, short: 'U' },
  set: { ...TEXT, short: 'v' },
  variable: TEXT,
} as const

/** Those that say where to connect. */
const CONNECTION = ['dbname', 'host', 'port', 'username']

/**
 * Refuses arguments for psql that would lead it elsewhere: the password and the label are those of the database that
 * was chosen.
 * @throws {UsageError} `PSQL_CONNECTION_ARGUMENT`
 */
export function checkPsqlArguments(args: readonly string[]): void {
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') refuse(token.value)
    // psql takes --ho for --host.
    if (token.kind === 'option' && CONNECTION.some((name) => name.startsWith(token.name)))
      refuse(token.rawName)
  }
}

function refuse(argument: string): never {
  throw new UsageError(`The argument "${argument}" for psql would change the connection.`, {
    code: 'PSQL_CONNECTION_ARGUMENT',
    hint: 'Name another database with local, prod or --url.',
  })
}
