import { CruddurError, InterruptedError, throwIfAborted, UsageError } from '../errors.ts'
import { cancel, type ConnectOptions } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { queryRows, send, type QueryResult } from '../postgres/query.ts'
import { Lexer } from '../script/lexer.ts'
import { unsafeCharacterLength } from '../script/multibyte.ts'
import { isCopyIn } from '../script/statement-kind.ts'
import { ownStatement, type Statement } from '../script/statement.ts'
import { Window } from '../script/window.ts'
import { lookingContext } from './looking-context.ts'
import { StatementError } from './statement-error.ts'
import { textReader } from './text-reader.ts'

export interface RunStatementsOptions {
  connection: Connection
  /** One or several statements; no backslash commands. */
  sql: string
  /** For the connection over which a statement is cancelled when the signal is aborted. */
  connect?: ConnectOptions | undefined
  signal?: AbortSignal | undefined
}

/** What one statement brought, as plain data. */
export interface StatementResult {
  /** Empty for a statement that returns no rows. The type is SQL's name for it, e.g. `timestamp with time zone`. */
  columns: { name: string; type: string }[]
  /** Values as the server writes them; arrays, as two columns may have one name. */
  rows: (string | null)[][]
  /** The command tag: `SELECT 3`, `CREATE TABLE`. */
  command: string
}

/**
 * Runs statements one by one, each in a transaction of its own unless they begin one, and returns what they bring; stops
 * at the first that fails. A transaction that they leave open stays open on the connection.
 * @throws {StatementError} `SQL_ERROR`
 * @throws {UsageError} `UNSUPPORTED_COMMAND` for a backslash command, `COPY_NOT_JSON` for COPY from or to the client
 * @throws {CruddurError} `CONNECTION_LOST`, `INTERRUPTED`
 */
export async function runStatements(options: RunStatementsOptions): Promise<{ results: StatementResult[] }> {
  const { connection, sql, signal } = options
  // What cannot be run here is found before anything is.
  for await (const statement of statementsOf(sql, connection)) if (isCopyIn(statement)) throw copyNotJson()
  const results: QueryResult[] = []
  for await (const statement of statementsOf(sql, connection)) {
    throwIfAborted(signal)
    results.push(...(await runOne(statement, options)))
  }
  return { results: await withTypeNames(results, connection) }
}

/** Cuts the text into statements, each when the one before it has run: settings may change how strings are read. */
async function* statementsOf(sql: string, connection: Connection): AsyncGenerator<Statement> {
  const { parameters } = connection
  const context = lookingContext({
    get standardStrings() {
      return parameters.get('standard_conforming_strings') !== 'off'
    },
    get characterLength() {
      return unsafeCharacterLength(parameters.get('client_encoding') ?? 'UTF8')
    },
  })
  const lexer = new Lexer(new Window(textReader(Buffer.from(sql))), context, ownStatement('').frame)
  for (;;) {
    const stop = lexer.scan()
    if (stop === 'more') await lexer.fill()
    else if (stop === 'backslash') throw backslashCommand()
    else {
      const statement = lexer.take()
      if (statement) yield statement
      if (stop === 'end') return
    }
  }
}

async function runOne(statement: Statement, options: RunStatementsOptions): Promise<QueryResult[]> {
  const { connection, signal } = options
  const onAbort = () => void cancel(connection, options.connect).catch(() => connection.destroy())
  signal?.addEventListener('abort', onAbort)
  let copied = false
  const onCopyOut = () => {
    copied = true
  }
  try {
    const { results, error } = await send(connection, statement.text, { onCopyOut })
    throwIfAborted(signal)
    if (error) throw new StatementError(error, statement.text.toString())
    if (copied) throw copyNotJson()
    return results
  } catch (error) {
    throw signal?.aborted && error instanceof CruddurError ? new InterruptedError() : error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Looks the names of the columns' types up, in one query. */
async function withTypeNames(
  results: readonly QueryResult[],
  connection: Connection,
): Promise<StatementResult[]> {
  const types = [...new Set(results.flatMap(({ columns }) => columns.map(({ typeId }) => typeId)))]
  const rows =
    types.length === 0
      ? []
      : await queryRows<{ id: string; name: string }>(
          connection,
          `SELECT t.id, pg_catalog.format_type(t.id, NULL) AS name
FROM pg_catalog.unnest('{${types.join(',')}}'::pg_catalog.oid[]) AS t (id)`,
        )
  const names = new Map(rows.map(({ id, name }) => [Number(id), name]))
  return results.map((result) => ({
    ...result,
    columns: result.columns.map(({ name, typeId }) => ({ name, type: names.get(typeId) ?? String(typeId) })),
  }))
}

function backslashCommand(): UsageError {
  return new UsageError('Backslash commands have no result that JSON could hold.', {
    code: 'UNSUPPORTED_COMMAND',
    hint: 'Leave them out, or leave out --json.',
  })
}

function copyNotJson(): UsageError {
  return new UsageError('COPY from STDIN or to STDOUT has no result that JSON could hold.', {
    code: 'COPY_NOT_JSON',
    hint: 'Leave out --json, or SELECT what COPY would write.',
  })
}
