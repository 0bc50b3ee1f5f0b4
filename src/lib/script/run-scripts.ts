import { cancel, type ConnectOptions } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { send } from '../postgres/query.ts'
import type { OnProgress } from '../progress.ts'
import { interruptedError, withRemains, type Remains } from './early-end.ts'
import { Interpreter } from './interpreter.ts'
import { LiveSession, type LiveSessionOptions } from './live-session.ts'
import { runProgram } from './program.ts'
import { toScriptError } from './script-error.ts'
import { ScriptFailure } from './script-failure.ts'
import type { ScriptSet } from './script-set.ts'
import { Variables } from './variables.ts'

export interface RunOptions {
  transaction: 'single' | 'none'
  variables: Readonly<Record<string, string>>
  directory: string
  environment: Readonly<Record<string, string | undefined>>
  allowPrograms: boolean
  /** Opens another connection for `\connect`, or refuses. */
  reconnect: LiveSessionOptions['reconnect']
  /** For the connection over which a running statement is cancelled. */
  connect: ConnectOptions
  onProgress?: OnProgress | undefined
  signal?: AbortSignal | undefined
}

/** Scripts that belong together: they share their variables and, unless told otherwise, a transaction. */
export interface RunPart {
  set: ScriptSet
  /** Told how many bytes on disk have been read since the last time. */
  onBytes?: ((bytes: number) => void) | undefined
  /** Told when its outcome is known, if it took effect. */
  onDone?: ((result: RunResult) => void) | undefined
}

/** What a part of a run did. */
export interface RunResult {
  statements: number
  /** Errors that the scripts themselves chose to ignore (ON_ERROR_STOP off). */
  toleratedErrors: number
}

/** How long a cancelled statement gets to stop, in milliseconds, before the connection is broken off. */
const CANCEL_TIMEOUT = 5000

/**
 * Runs scripts on a connection, part by part: each part in one transaction, or each statement by itself. What follows
 * a part is run only if the part has taken effect, but it is sent along with it where it can be. After a failure in one
 * transaction nothing of that part is left. Several parts must be transactions.
 * @throws {ScriptError} where a script stops
 * @throws {CruddurError} `CONNECTION_LOST`, `INTERRUPTED`
 */
export async function runScripts(
  connection: Connection,
  parts: readonly RunPart[],
  options: RunOptions,
): Promise<void> {
  const session = new LiveSession(connection, {
    variables: new Variables(),
    onProgress: options.onProgress,
    reconnect: options.reconnect,
  })
  const stopWatching = cancelOnAbort(session, options)
  try {
    for (const part of parts) await runPart(session, part, part === parts.at(-1), options)
  } catch (error) {
    await abandon(session)
    if (options.signal?.aborted) throw interruptedError(remainsOf(session))
    throw error instanceof ScriptFailure
      ? await toScriptError(error, session.tolerated)
      : withRemains(error, remainsOf(session))
  } finally {
    stopWatching()
    // `\connect` may have put another connection in the place of the caller's.
    if (session.connection !== connection) await session.connection.close()
  }
}

async function runPart(
  session: LiveSession,
  { set, onBytes, onDone }: RunPart,
  isLast: boolean,
  options: RunOptions,
): Promise<void> {
  const before = { statements: session.statements, toleratedErrors: session.toleratedErrors }
  const variables = new Variables(options.variables)
  session.restart(variables)
  const interpreter = new Interpreter({
    session,
    variables,
    directory: options.directory,
    open: (path, name) => set.openScript(path, name),
    openData: (path, name) => set.openData(path, name),
    programs: options.allowPrograms
      ? (command, environment) => runProgram(command, environment, options.signal)
      : undefined,
    environment: options.environment,
    onProgress: options.onProgress,
    onBytes,
    signal: options.signal,
  })
  if (options.transaction === 'single') session.begin()
  for (const { file, folder } of set.scripts) await interpreter.run(file, folder)
  const result = {
    statements: session.statements - before.statements,
    toleratedErrors: session.toleratedErrors - before.toleratedErrors,
  }
  const done = () => onDone?.(result)
  if (options.transaction === 'single' && !isLast) return session.commitAhead(done)
  await (options.transaction === 'single' ? session.commit() : session.finish())
  done()
}

function remainsOf(session: LiveSession): Remains {
  if (session.committed) return 'committed'
  return session.committing && !session.connection.alive ? 'unknown' : 'nothing'
}

/** Cancels the running statement when the caller gives up; returns how to stop watching. */
function cancelOnAbort(session: LiveSession, options: RunOptions): () => void {
  const onAbort = () => {
    // If the request does not get through, breaking the connection off ends the transaction just as well.
    const timer = setTimeout(() => session.connection.destroy(), CANCEL_TIMEOUT)
    timer.unref()
    cancel(session.connection, options.connect).catch(() => session.connection.destroy())
  }
  options.signal?.addEventListener('abort', onAbort)
  return () => options.signal?.removeEventListener('abort', onAbort)
}

/** After a failure: waits for what is under way and rolls back, so that the caller can rely on the database's state. */
async function abandon(session: LiveSession): Promise<void> {
  try {
    await session.settle()
    if (session.connection.alive && session.connection.transactionStatus !== 'I')
      await send(session.connection, 'ROLLBACK')
  } catch {
    // The connection is gone, and with it the transaction.
  }
}
