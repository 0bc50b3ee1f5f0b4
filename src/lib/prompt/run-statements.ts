import { CruddurError, InterruptedError, throwIfAborted, UsageError } from '../errors.ts'
import { cancel, connect } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { connectOptions, type DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { queryRows, send, type QueryResult } from '../postgres/query.ts'
import { isCopyIn } from '../script/statement-kind.ts'
import { ownStatement, type Statement } from '../script/statement.ts'
import { StatementError } from './statement-error.ts'
import { LineCounter } from './stream-source.ts'
import { readingContext, statementsOf } from './statements-of.ts'

export interface RunStatementsOptions extends DatabaseVerbOptions {
  /**
   * Statements without backslash commands. A text's run one by one, each in a transaction of its own unless they begin
   * one. Of a list each text is sent as a whole and so is one transaction, as with psql's `-c`.
   */
  sql: string | readonly string[]
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

/** What the statements brought, in order. */
export interface RunStatementsResult {
  database: string
  results: StatementResult[]
}

/**
 * Runs statements in a session of their own and returns what they bring; stops at the first that fails. A transaction
 * that they leave open is rolled back.
 * @throws {StatementError} `SQL_ERROR`
 * @throws {UsageError} `UNSUPPORTED_COMMAND` for a backslash command, `COPY_NOT_JSON` for COPY from or to the client
 * @throws {CruddurError} `CONNECTION_LOST`, `INTERRUPTED`, and those of `connect`
 */
export async function runStatements(options: RunStatementsOptions): Promise<RunStatementsResult> {
  const connection = await connect(options.target, connectOptions(options))
  try {
    return { database: options.target.database, results: await runOn(connection, options) }
  } finally {
    await connection.close()
  }
}

async function runOn(connection: Connection, options: RunStatementsOptions): Promise<StatementResult[]> {
  const { sql, signal } = options
  // What cannot be run here is found before anything is.
  for (const text of typeof sql === 'string' ? [sql] : sql)
    for await (const statement of plainStatements(text, connection))
      if (isCopyIn(statement)) throw copyNotJson()
  const results: QueryResult[] = []
  for await (const { statement, line } of messagesOf(sql, connection)) {
    throwIfAborted(signal)
    results.push(...(await runOne(statement, { connection, line, options })))
  }
  return withTypeNames(results, connection)
}

/** What is sent as one message; with the line of the text on which it begins, where the text has others before it. */
async function* messagesOf(
  sql: RunStatementsOptions['sql'],
  connection: Connection,
): AsyncGenerator<{ statement: Statement; line: number | undefined }> {
  if (typeof sql !== 'string') {
    for (const text of sql) yield { statement: ownStatement(text), line: undefined }
    return
  }
  const lines = new LineCounter()
  lines.add(Buffer.from(sql))
  for await (const statement of plainStatements(sql, connection))
    yield { statement, line: lines.lineOf(statement.offset) }
}

/** @throws {UsageError} `UNSUPPORTED_COMMAND` */
async function* plainStatements(sql: string, connection: Connection): AsyncGenerator<Statement> {
  for await (const part of statementsOf(Buffer.from(sql), readingContext(connection))) {
    if (part === 'backslash command') throw backslashCommand()
    yield part.statement
  }
}

async function runOne(
  statement: Statement,
  {
    connection,
    line,
    options,
  }: { connection: Connection; line: number | undefined; options: RunStatementsOptions },
): Promise<QueryResult[]> {
  const { signal } = options
  const onAbort = () => void cancel(connection, connectOptions(options)).catch(() => connection.destroy())
  signal?.addEventListener('abort', onAbort)
  let copied = false
  const onCopyOut = () => {
    copied = true
  }
  try {
    const { results, error } = await send(connection, statement.text, { onCopyOut })
    throwIfAborted(signal)
    if (error) throw new StatementError(error, statement.text.toString(), line)
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
