import { UsageError } from '../errors.ts'
import { findPsql } from '../prompt/find-psql.ts'

/** The flags and arguments of `db connect` that say how the session is held, as parsed. */
export interface SessionRequest {
  /** `--psql`, `--no-psql`, or neither. */
  psql: boolean | undefined
  /** `-c`, each. */
  commands: readonly string[] | undefined
  json: boolean
  /** What stands behind `--`. */
  psqlArguments: readonly string[]
  /** Whether standard input, and standard output, are a terminal. */
  terminal: { input: boolean; output: boolean }
  /** The search path for programs. */
  path: string | undefined
}

/** How a session is held. `interactive`: a person types the statements. */
export type SessionKind =
  | { kind: 'json' }
  | { kind: 'prompt'; interactive: boolean }
  | { kind: 'psql'; psql: string; interactive: boolean; arguments: readonly string[] }

/** Splits the words of a command line at `--`, behind which are another program's. */
export function splitArguments(argv: readonly string[]): { own: string[]; passed: string[] } {
  const end = argv.indexOf('--')
  return end === -1
    ? { own: [...argv], passed: [] }
    : { own: argv.slice(0, end), passed: argv.slice(end + 1) }
}

/**
 * Decides how the session is held: by psql if there is one, else by the built-in prompt; for `--json` by neither.
 * @throws {UsageError} `NOTHING_TO_RUN`, `NO_PSQL`, `PSQL_CONNECTION_ARGUMENT`
 */
export async function chooseSession(request: SessionRequest): Promise<SessionKind> {
  const { commands, json, psqlArguments, terminal } = request
  const typed = terminal.input && commands === undefined
  const interactive = typed && terminal.output
  if (json && typed)
    throw new UsageError('At a terminal there is no result that --json could show.', {
      code: 'NOTHING_TO_RUN',
      hint: 'Give the statements with --command, or through a pipe.',
    })
  const psql = json || request.psql === false ? undefined : findPsql(request.path)
  if (psql === undefined) {
    refuseWithoutPsql(request)
    return json ? { kind: 'json' } : { kind: 'prompt', interactive }
  }
  if (psqlArguments.length > 0) {
    const { checkPsqlArguments } = await import('../prompt/psql-arguments.ts')
    checkPsqlArguments(psqlArguments)
  }
  return { kind: 'psql', psql, interactive, arguments: argumentsFor(request, interactive) }
}

function refuseWithoutPsql({ psql, json, psqlArguments }: SessionRequest): void {
  if (psqlArguments.length === 0 && psql !== true) return
  const wanted = psql === true ? '--psql' : 'What stands behind --'
  if (json || psql === false)
    throw new UsageError(`${wanted} is for psql, which does not run with ${json ? '--json' : '--no-psql'}.`, {
      code: 'NO_PSQL',
      hint: 'Leave one of them out.',
    })
  throw new UsageError(`${wanted} is for psql, and there is no psql on the PATH.`, {
    code: 'NO_PSQL',
    hint: 'Install psql (Debian: postgresql-client; macOS: brew install libpq), or leave it out for the built-in prompt.',
  })
}

/**
 * psql's arguments. At a terminal it is the user's own psql, with his psqlrc. Where nobody types, an error ends it, and what
 * is printed does not depend on a psqlrc (`-X`): scripts read it. Options behind `--` come last and so have the last word.
 */
function argumentsFor({ commands = [], psqlArguments }: SessionRequest, interactive: boolean): string[] {
  return [
    ...(interactive ? [] : ['-X']),
    // With options a psql at a terminal may be told to run a script; at its prompt this changes nothing.
    ...(interactive && psqlArguments.length === 0 ? [] : ['--set=ON_ERROR_STOP=1']),
    ...commands.map((command) => `--command=${command}`),
    ...psqlArguments,
  ]
}
