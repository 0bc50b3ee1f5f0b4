import { CruddurError } from '../errors.ts'
import { cancel, type ConnectOptions } from '../postgres/connect.ts'
import { pipeline, send, type QueryOptions, type QueryOutcome, type QueryResult } from '../postgres/query.ts'
import { copyFail } from '../postgres/wire/messages.ts'
import type { ServerMessage } from '../postgres/server-message.ts'
import { LiveSession, type LiveSessionOptions } from '../script/live-session.ts'
import { Outcome } from '../script/outcome.ts'
import { ScriptFailure, serverFailure } from '../script/script-failure.ts'
import type { AskedRows, ConnectRequest } from '../script/session.ts'
import { ownStatement, type Statement } from '../script/statement.ts'
import { statementKind } from '../script/statement-kind.ts'
import { InputInterrupted } from './input-interrupted.ts'
import type { SessionView } from './session-view.ts'

export interface PromptSessionOptions extends LiveSessionOptions {
  view: SessionView
  /** For the connection over which a statement is cancelled. */
  connect: ConnectOptions
  /** Told when `\c`, or the loss of a connection, has put another one in the place of the present one. */
  onConnected?: ((request: ConnectRequest) => Promise<void>) | undefined
  /** Gives the data of COPY … FROM STDIN where it does not follow in the text (`-c`). */
  copyData?: ((statement: Statement) => AsyncIterable<Buffer> | undefined) | undefined
  /** Opens a connection in the place of one that was lost; without it, the loss ends everything. */
  restore?: ((session: PromptSession) => Promise<void>) | undefined
}

/** Ctrl-C so many times while one statement runs breaks the connection off: the server does not answer. */
const PATIENCE = 3

/** psql's name for the savepoint behind ON_ERROR_ROLLBACK. */
const SAVEPOINT = 'pg_psql_temporary_savepoint'

/** Runs statements one by one and shows what they bring; can be interrupted at any time. */
export class PromptSession extends LiveSession {
  /** Whether the lines that are read now are data of a COPY. */
  copying = false
  readonly #options: PromptSessionOptions
  readonly #outcome = new Outcome()
  #running = false
  #interruptions = 0
  #cancelling: Promise<void> | undefined
  /** Why the data of the present COPY broke off. */
  #dataFailure: Error | undefined
  /** Milliseconds that the last statement took. */
  #elapsed = 0
  /** A query for completion, which statements wait for. */
  #background: Promise<unknown> | undefined

  constructor(connection: PromptSession['connection'], options: PromptSessionOptions) {
    super(connection, options)
    this.#options = options
  }

  /** Whether Ctrl-C was pressed since `ready`. */
  get interrupted(): boolean {
    return this.#interruptions > 0
  }

  /** Forgets interruptions: what follows is new. */
  ready(): void {
    this.#interruptions = 0
  }

  /** Ctrl-C: cancels the statement that runs, and lets none that waits begin. */
  interrupt(): void {
    this.#interruptions += 1
    if (!this.#running) return
    if (this.#interruptions >= PATIENCE) {
      this.#options.view.note('The server does not answer; breaking the connection off.\n')
      this.connection.destroy()
      return
    }
    this.#cancelling = cancel(this.connection, this.#options.connect).catch((error: Error) =>
      this.#options.view.note(`The statement could not be cancelled: ${error.message}\n`),
    )
  }

  override variable(name: string): ReturnType<LiveSession['variable']> {
    return this.#outcome.variable(name) ?? super.variable(name)
  }

  override async run(statement: Statement): Promise<void> {
    const results = await this.#execute(statement, {})
    for (const result of results ?? []) await this.#options.view.result(result)
    this.#finished()
  }

  override async copyIn(
    statement: Statement,
    data: () => AsyncIterable<Buffer>,
    inline = false,
  ): Promise<void> {
    const { view, copyData } = this.#options
    const results = await this.#execute(statement, {
      copyIn: () => {
        const other = inline ? copyData?.(statement) : undefined
        this.copying = inline && other === undefined
        if (this.copying) view.copyIn(statement)
        return this.#failingQuietly(other ?? data())
      },
    })
    for (const result of results ?? []) await this.#options.view.result(result)
    this.#finished()
  }

  /**
   * Gives the data; when it breaks off, ends the COPY as failed and keeps the reason for `#execute`. An error thrown to
   * whoever sends the data would be nobody's until the server has answered.
   */
  async *#failingQuietly(data: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* data
    } catch (error) {
      this.#dataFailure = error as Error
      this.connection.write(copyFail('the data broke off'))
    }
  }

  override async ask(statement: Statement): Promise<AskedRows | undefined> {
    const results = await this.#execute(statement, { rawBytes: true })
    const last = results?.findLast((result) => result.columns.length > 0)
    return results && { columns: last?.columns.map(({ name }) => name) ?? [], rows: last?.rows ?? [] }
  }

  /**
   * Runs queries of the prompt's own on the catalog, in one round trip; they share the transaction, as in psql.
   * @returns one result for each
   * @throws {ScriptFailure} the first one's that failed
   */
  async catalog(queries: readonly string[]): Promise<QueryResult[]> {
    const outcomes = await this.#interruptible(() => pipeline(this.connection, queries))
    return outcomes.map(({ results, error }, index) => {
      if (error) throw serverFailure(error, ownStatement(queries[index] ?? ''))
      return results[0] ?? { columns: [], rows: [], command: '' }
    })
  }

  /** The rows of a query for completion; `undefined` when the session has something else to do, or it fails. */
  async glance(sql: string): Promise<QueryResult['rows'] | undefined> {
    const { connection } = this
    // In a transaction even a look would count: SET TRANSACTION must come before any query.
    if (this.#running || this.#background || !connection.alive || connection.transactionStatus !== 'I')
      return undefined
    const query = send(connection, sql).then(
      ({ results }) => results[0]?.rows,
      () => undefined,
    )
    this.#background = query
    const rows = await query
    this.#background = undefined
    return rows
  }

  override async connect(request: ConnectRequest, statement: Statement): Promise<void> {
    await this.#background
    const open = this.connection.transactionStatus !== 'I'
    await super.connect(request, statement)
    await this.#options.onConnected?.(request)
    if (open) this.say('The transaction that was open before is lost; it was rolled back.\n')
  }

  /** Writes a remark for the person at the prompt. */
  say(text: string): void {
    this.#options.view.note(text)
  }

  /** Sends a statement; `undefined` if it failed and what is going on goes on. */
  async #execute(statement: Statement, options: QueryOptions): Promise<QueryResult[] | undefined> {
    refuseZeroByte(statement)
    this.statements += 1
    const kind = statementKind(statement.text)
    const started = performance.now()
    const outcome = await this.#interruptible(async () => {
      const guarded = await this.#prepare(kind)
      const result = await send(this.connection, statement.text, { ...options, ...this.#copyOut() })
      if (guarded) await this.#endSavepoint(result.error !== undefined, kind)
      return result
    })
    this.#elapsed = performance.now() - started
    this.#throwDataFailure()
    if (!outcome.error) {
      const tag = outcome.results.at(-1)?.command ?? ''
      this.#outcome.succeeded(() => tag)
      return outcome.results
    }
    await this.#failed(outcome, outcome.error, statement)
    return undefined
  }

  #throwDataFailure(): void {
    const failure = this.#dataFailure
    this.#dataFailure = undefined
    if (failure) throw failure
  }

  #finished(): void {
    this.#options.view.took(this.#elapsed)
  }

  /** What came before the error is shown before it. */
  async #failed({ results }: QueryOutcome, error: ServerMessage, statement: Statement): Promise<void> {
    for (const result of results) await this.#options.view.result(result)
    this.#outcome.failed(error)
    const failure = serverFailure(error, statement)
    if (this.#options.variables.isOn('ON_ERROR_STOP')) throw failure
    await this.#options.view.error(failure)
  }

  /** Data goes out as it comes; the server waits for a reader that is slower. */
  #copyOut(): QueryOptions {
    const { view } = this.#options
    return {
      onCopyOut: (chunk) => {
        const { connection } = this
        if (view.copyOut(chunk)) return
        connection.pause()
        void view.copyDrained().then(() => connection.resume())
      },
    }
  }

  /** Runs something that Ctrl-C may cancel; restores the connection if it is lost. */
  async #interruptible<T>(work: () => Promise<T>): Promise<T> {
    if (this.interrupted) throw new InputInterrupted()
    await this.#background
    if (!this.connection.alive && this.#options.restore) {
      // In a new session without its transaction the statement would mean something else.
      this.say('The connection was lost meanwhile; nothing was sent.\n')
      await this.#options.restore(this)
      throw new InputInterrupted()
    }
    this.#running = true
    try {
      return await work()
    } catch (error) {
      if (error instanceof CruddurError && error.code === 'CONNECTION_LOST' && this.#options.restore) {
        this.#options.view.lost(error)
        await this.#options.restore(this)
        throw new InputInterrupted()
      }
      throw error
    } finally {
      this.#running = false
      this.copying = false
      // A request that is still on its way would hit the next statement.
      await this.#cancelling
      this.#cancelling = undefined
    }
  }

  /** With AUTOCOMMIT off a block begins by itself; with ON_ERROR_ROLLBACK a savepoint guards each statement of one. */
  async #prepare(kind: ReturnType<typeof statementKind>): Promise<boolean> {
    const { variables } = this.#options
    const { connection } = this
    const free = kind === 'transaction' || kind === 'alone'
    if (!free && connection.transactionStatus === 'I' && !variables.isOn('AUTOCOMMIT'))
      await send(connection, 'BEGIN')
    const guarded = !/^(?:off|false|0)$/i.test(variables.get('ON_ERROR_ROLLBACK') ?? 'off')
    if (!guarded || kind === 'transaction' || connection.transactionStatus !== 'T') return false
    await send(connection, `SAVEPOINT ${SAVEPOINT}`)
    return true
  }

  async #endSavepoint(failed: boolean, kind: ReturnType<typeof statementKind>): Promise<void> {
    if (this.connection.transactionStatus === 'I' || kind === 'transaction') return
    await send(this.connection, failed ? `ROLLBACK TO ${SAVEPOINT}` : `RELEASE ${SAVEPOINT}`)
  }
}

/** A zero byte ends a text in the protocol: the server would see half a statement. */
function refuseZeroByte(statement: Statement): void {
  if (!statement.text.includes(0)) return
  throw new ScriptFailure('the statement holds a zero byte', {
    kind: 'command',
    code: 'ZERO_BYTE',
    hint: 'PostgreSQL texts cannot hold one; take it out.',
    position: { frame: statement.frame, offset: statement.offset },
    statement,
  })
}
