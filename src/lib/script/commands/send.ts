import type { AskedRows } from '../session.ts'
import { CommandError, commandStatement, type Command, type Handler } from './command.ts'
import { refuseFile, refuseProgram } from './unsupported.ts'

/** psql's own variables, which `\gset` leaves alone: those whose values it checks. */
const PROTECTED =
  /^(?:AUTOCOMMIT|COMP_KEYWORD_CASE|ECHO(?:_HIDDEN)?|FETCH_COUNT|HIDE_\w+|HIST\w+|IGNOREEOF|ON_ERROR_\w+|PROMPT\d|QUIET|SHOW_\w+|SINGLE\w+|VERBOSITY)$/

/** `\g` and `\gx`: send the statement. Formatting options in parentheses concern only what is shown. */
const send: Handler = async (command) => {
  const { reader, run } = command
  if (reader.startsWith('(')) while (!(await reader.next())?.text.endsWith(')'));
  if (reader.startsWith('|')) refuseProgram(command)
  if (await reader.next()) refuseFile(command)
  return async () => {
    const statement = run.takeForSending()
    if (statement) await run.send(statement)
  }
}

/** `\gset`: the columns of the one row that comes back become variables. */
const storeRow: Handler = async (command) => {
  const prefix = (await command.reader.next())?.text ?? ''
  return async () => {
    const statement = command.run.takeForSending()
    const asked = statement && (await command.run.host.session.ask(statement))
    if (asked) storeVariables(asked, prefix, command)
  }
}

function storeVariables({ columns, rows }: AskedRows, prefix: string, { run }: Command): void {
  const { host } = run
  const [row] = rows
  if (!row) throw new CommandError('no rows returned for \\gset')
  if (rows.length > 1) throw new CommandError('more than one row returned for \\gset')
  for (const [index, column] of columns.entries()) {
    const name = prefix + column
    const value = row[index] ?? null
    if (PROTECTED.test(name))
      host.warn(run.frame, `attempt to \\gset into specially treated variable "${name}" ignored`)
    else if (value === null) host.variables.unset(name)
    else setVariable(host.variables, name, value)
  }
}

function setVariable(variables: Command['run']['host']['variables'], name: string, value: string): void {
  try {
    variables.set(name, value)
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

/** `\gexec`: each field that comes back is a statement to be run. */
const executeFields: Handler = async (command) => async () => {
  const { run } = command
  const statement = run.takeForSending()
  const asked = statement && (await run.host.session.ask(statement))
  for (const sql of asked?.rows.flat() ?? []) if (sql !== null) await run.send(commandStatement(command, sql))
}

export const sendCommands: Readonly<Record<string, Handler>> = {
  g: send,
  gx: send,
  gset: storeRow,
  gexec: executeFields,
}
