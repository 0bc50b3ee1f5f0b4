import { styleText } from 'node:util'
import { CruddurError, InterruptedError, throwIfAborted } from '../errors.ts'
import { connect } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { connectOptions } from '../postgres/database-verb.ts'
import type { PsqlEnd } from '../prompt/psql.ts'
import { PRODUCTION_LABEL, markLabel } from '../prompt/production-label.ts'
import type { RunStatementsResult } from '../prompt/run-statements.ts'
import type { SessionKind } from './connect-command.ts'
import type { OpenedDatabase } from './db-command.ts'
import { EXIT_CODES } from './exit-codes.ts'

function isProduction({ destination }: OpenedDatabase): boolean {
  return destination.kind !== 'embedded' && destination.production
}

/** Runs statements and returns what they bring, for `--json`: those given, or those that come through standard input. */
export async function jsonSession(
  { options }: OpenedDatabase,
  commands: readonly string[] | undefined,
): Promise<RunStatementsResult> {
  const { runStatements } = await import('../prompt/run-statements.ts')
  return runStatements({ ...options, sql: commands ?? (await readInput(options.signal)) })
}

/** @throws {InterruptedError} */
async function readInput(signal: AbortSignal | undefined): Promise<string> {
  const { StreamSource } = await import('../prompt/stream-source.ts')
  const source = new StreamSource(process.stdin, signal)
  const chunks: Buffer[] = []
  try {
    for (let chunk = await source.next(); chunk; chunk = await source.next()) chunks.push(chunk)
  } finally {
    await source.close()
  }
  // A byte order mark is no part of the first statement.
  return Buffer.concat(chunks)
    .toString()
    .replace(/^\uFEFF/, '')
}

async function historyFile({ destination, settings }: OpenedDatabase): Promise<string | undefined> {
  const { promptHistoryFile } = await import('./prompt-history.ts')
  return promptHistoryFile(destination.kind === 'embedded', settings)
}

/** Holds a session by the built-in prompt on this process's streams. */
export async function promptSession(
  opened: OpenedDatabase,
  commands: readonly string[] | undefined,
  interactive: boolean,
): Promise<void> {
  const { startPrompt } = await import('../prompt/start-prompt.ts')
  const { options, settings } = opened
  await startPrompt({
    target: options.target,
    connect: { wait: options.wait, tlsSources: options.tlsSources },
    input: process.stdin,
    output: process.stdout,
    errorOutput: process.stderr,
    terminal: interactive,
    commands,
    color: styleText('red', 'x', { stream: process.stdout }) !== 'x',
    historyFile: interactive ? await historyFile(opened) : undefined,
    label: isProduction(opened) ? PRODUCTION_LABEL : undefined,
    directory: settings.directory,
    environment: settings.environment,
    signal: options.signal,
  })
}

/**
 * Holds a session by psql. Before, we connect ourselves: that waits for a server that is starting, and says what is wrong
 * better than psql does.
 * @returns the exit code of the command; psql has said what was wrong
 */
export async function psqlSession(
  opened: OpenedDatabase,
  session: SessionKind & { kind: 'psql' },
): Promise<number> {
  const { options, settings } = opened
  const { runPsql } = await import('../prompt/psql.ts')
  const connection = await connect(options.target, connectOptions(options))
  const label = session.interactive ? await labelFor(opened, connection) : undefined
  await connection.close()
  throwIfAborted(options.signal)
  const end = await runPsql({
    psql: session.psql,
    target: options.target,
    arguments: session.arguments,
    environment: settings.environment,
    parent: process,
    passInterrupt: !session.interactive,
    label,
    tlsSources: options.tlsSources,
  })
  return exitCode(end, session.interactive)
}

async function labelFor(opened: OpenedDatabase, connection: Connection): Promise<string | undefined> {
  return isProduction(opened) ? PRODUCTION_LABEL : markLabel(connection)
}

/** psql's exit codes ("Exit Status" in its documentation) in the terms of our table. */
const PSQL_EXIT_CODES: ReadonlyMap<number, number> = new Map([
  [0, EXIT_CODES.done],
  [1, EXIT_CODES.failed],
  // The connection went bad, and nobody typed.
  [2, EXIT_CODES.unreachable],
  // ON_ERROR_STOP ended a script.
  [3, EXIT_CODES.failed],
])

function exitCode({ code, signal, interrupted }: PsqlEnd, interactive: boolean): number {
  // At its prompt Ctrl-C is no end; where nobody types it cancels the statement, whose error ends psql.
  if (signal === 'SIGINT' || (interrupted && !interactive && code !== 0)) throw new InterruptedError()
  if (signal === 'SIGTERM' || signal === 'SIGHUP') throw new InterruptedError(`psql was ended by ${signal}.`)
  if (code === null)
    throw new CruddurError(`psql was ended by ${signal ?? 'a signal'}.`, { code: 'PSQL_FAILED' })
  return PSQL_EXIT_CODES.get(code) ?? EXIT_CODES.failed
}
