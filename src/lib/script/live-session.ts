import type { Connection, TransactionStatus } from '../postgres/connection.ts'
import { send, type QueryOptions, type QueryResult } from '../postgres/query.ts'
import type { ServerMessage } from '../postgres/server-message.ts'
import { serverVersionNumber } from '../postgres/server-version.ts'
import type { OnProgress } from '../progress.ts'
import { unsafeCharacterLength } from './multibyte.ts'
import { Outcome } from './outcome.ts'
import { Pipeline } from './pipeline.ts'
import { rolledBackFailure, type ScriptFailure, serverFailure, zeroByteFailure } from './script-failure.ts'
import { SESSION_VARIABLES } from './session-variables.ts'
import { PENDING, type AskedRows, type ConnectRequest, type ScriptSession } from './session.ts'
import { ownStatement, type Statement } from './statement.ts'
import { isCopyIn, statementKind, type StatementKind } from './statement-kind.ts'
import { isUsualSetting } from './usual-setting.ts'
import type { Variables } from './variables.ts'

/** psql's name for the savepoint behind ON_ERROR_ROLLBACK; kept, so that scripts that look for it find it. */
const SAVEPOINT = 'pg_psql_temporary_savepoint'

/** The statements around a script that is loaded in one transaction. */
const OWN_BEGIN = ownStatement('BEGIN')
const OWN_COMMIT = ownStatement('COMMIT')

/** SQLSTATE of statements in a transaction block that has failed (`in_failed_sql_transaction`). */
const IN_FAILED_TRANSACTION = '25P02'

/** What a live session needs besides its connection. */
export interface LiveSessionOptions {
  variables: Variables
  onProgress: OnProgress | undefined
  /**
   * Opens another connection for `\connect`. It decides what is allowed.
   * @throws {ScriptFailure}
   */
  reconnect(request: ConnectRequest, current: Connection, statement: Statement): Promise<Connection>
}

/** Runs the statements of a script on a connection, as few round trips as their meaning allows. */
export class LiveSession implements ScriptSession {
  connection: Connection
  /** How many statements have been run. */
  statements = 0
  /** Whether something may have been committed: by the script itself, or because each statement stands for itself. */
  committed = false
  /** Whether the COMMIT of the transaction around everything is on its way. */
  committing = false
  /** Errors that the script told us to ignore (ON_ERROR_STOP off). */
  toleratedErrors = 0
  /** The same, without those that only say that the transaction has failed. */
  readonly tolerated: ScriptFailure[] = []
  /** The error that made the present transaction fail. */
  #blockFailure: ScriptFailure | undefined
  #pipeline: Pipeline
  #begun = false
  readonly #options: LiveSessionOptions
  #variables: Variables
  #outcome = new Outcome()
  readonly #lastTag = () => this.#pipeline.lastTag

  constructor(connection: Connection, options: LiveSessionOptions) {
    this.connection = connection
    this.#options = options
    this.#variables = options.variables
    this.#pipeline = new Pipeline(connection)
  }

  get standardStrings(): boolean {
    return this.connection.parameters.get('standard_conforming_strings') !== 'off'
  }

  get characterLength() {
    return unsafeCharacterLength(this.connection.parameters.get('client_encoding') ?? 'UTF8')
  }

  get wantsCopyTerminator(): boolean {
    return serverVersionNumber(this.connection.parameters) < 180_000
  }

  get stale(): boolean {
    return this.#pipeline.busy
  }

  /** As the connection says, or `T` from our own BEGIN on until the server's first answer. */
  get #blockStatus(): TransactionStatus {
    return this.#begun ? 'T' : this.connection.transactionStatus
  }

  get #errorStop(): boolean {
    return this.#variables.isOn('ON_ERROR_STOP') && !this.#variables.isOn('ON_ERROR_ROLLBACK')
  }

  variable(name: string): string | null | typeof PENDING {
    const { parameters, target } = this.connection
    const reader = SESSION_VARIABLES[name]
    if (reader) return reader(parameters, target)
    const value = this.#outcome.variable(name)
    if (value === undefined) return null
    return this.#pipeline.busy ? PENDING : value
  }

  isCopyIn(statement: Statement): boolean {
    return isCopyIn(statement)
  }

  run(statement: Statement): Promise<unknown> | undefined {
    this.#refuseZeroByte(statement)
    if (this.#pipeline.failure)
      throw serverFailure(this.#pipeline.failure.server, this.#pipeline.failure.statement)
    this.statements += 1
    const kind = statementKind(statement.text)
    if (!this.#mayPipeline(statement)) return this.#step(statement, kind)
    const status = this.#blockStatus
    const mayChangeReading = kind === 'setting' && !isUsualSetting(statement.text, this.connection.parameters)
    if (status === 'T' && kind !== 'transaction' && !mayChangeReading) {
      this.#outcome.succeeded(this.#lastTag)
      return kind === 'insert' ? this.#pipeline.pushInsert(statement) : this.#pipeline.push(statement)
    }
    if (status === 'I' && (kind === 'plain' || kind === 'insert') && this.#variables.isOn('AUTOCOMMIT')) {
      this.#outcome.succeeded(this.#lastTag)
      this.committed = true
      return this.#pipeline.pushWrapped(statement)
    }
    return this.#step(statement, kind)
  }

  async copyIn(statement: Statement, data: () => AsyncIterable<Buffer>): Promise<void> {
    this.#refuseZeroByte(statement)
    this.statements += 1
    if (this.#mayPipeline(statement) && this.#blockStatus === 'T') {
      this.#outcome.succeeded(this.#lastTag)
      await this.#pipeline.copy(statement, data())
      if (this.#pipeline.failure) await this.rest()
    } else await this.#step(statement, 'copy in', { copyIn: data })
  }

  async ask(statement: Statement): Promise<AskedRows | undefined> {
    this.#refuseZeroByte(statement)
    this.statements += 1
    const results = await this.#step(statement, statementKind(statement.text), { rawBytes: true })
    if (!results) return undefined
    const last = results.findLast((result) => result.columns.length > 0)
    return { columns: last?.columns.map((column) => column.name) ?? [], rows: last?.rows ?? [] }
  }

  async rest(): Promise<void> {
    await this.#pipeline.rest()
    this.#begun = false
    const { failure } = this.#pipeline
    if (failure) throw serverFailure(failure.server, failure.statement)
  }

  /** The next scripts begin, as if they had a session of their own. */
  restart(variables: Variables): void {
    this.#variables = variables
    this.#outcome = new Outcome()
    this.tolerated.length = 0
  }

  /** Begins the transaction that all is to run in; sent together with the first statements. */
  begin(): void {
    this.#begun = true
    void this.#pipeline.push(OWN_BEGIN)
  }

  /**
   * Commits as `commit` does, but does not wait for the outcome if what follows can be sent in the same flight: when
   * anything fails, what follows is not run, and the next `commit` or `rest` tells it.
   * @param onCommitted told as soon as the outcome is known, if it took effect
   */
  async commitAhead(onCommitted: () => void): Promise<void> {
    const done = () => {
      this.committed = true
      this.committing = false
      onCommitted()
    }
    if (this.#errorStop && this.#blockStatus === 'T' && this.#pipeline.isOneGroup) {
      this.committing = true
      this.#pipeline.pushCommit(OWN_COMMIT, done)
      return
    }
    await this.commit()
    done()
  }

  /**
   * Commits, if the script has not ended the transaction itself; sent together with the last statements.
   * @throws {ScriptFailure} also when the transaction had failed and the script went on regardless
   */
  async commit(): Promise<void> {
    const pipelined = this.#errorStop && this.#blockStatus === 'T'
    this.committing = pipelined
    if (pipelined) void this.#pipeline.push(OWN_COMMIT)
    await this.rest()
    if (pipelined || this.connection.transactionStatus === 'I') return
    this.committing = true
    const { results, error } = await send(this.connection, 'COMMIT')
    if (error) throw serverFailure(error, OWN_COMMIT)
    if (results[0]?.command === 'ROLLBACK') throw rolledBackFailure()
  }

  /** Waits for the last statements; a transaction that the script left open is rolled back, as in psql. */
  async finish(): Promise<void> {
    await this.rest()
    if (this.connection.transactionStatus === 'I') return
    await send(this.connection, 'ROLLBACK')
    this.#warn('The script left a transaction open; it was rolled back.')
  }

  /** Waits until the server has answered everything, whatever it says. */
  async settle(): Promise<void> {
    await this.#pipeline.rest()
  }

  async connect(request: ConnectRequest, statement: Statement): Promise<void> {
    await this.rest()
    const next = await this.#options.reconnect(request, this.connection, statement)
    next.onNotice = this.connection.onNotice
    await this.connection.close()
    this.connection = next
    this.#pipeline = new Pipeline(next)
  }

  async setEncoding(encoding: string, statement: Statement): Promise<void> {
    await this.rest()
    const { error } = await send(
      this.connection,
      `SET client_encoding TO '${encoding.replaceAll("'", "''")}'`,
    )
    // psql says so and goes on.
    if (error) this.#warn(`${statement.frame.name}: \\encoding: ${error.message}`)
  }

  /** Whether the statement may be sent without waiting: the first error ends the script, and it is a single one. */
  #mayPipeline(statement: Statement): boolean {
    return this.#errorStop && !statement.joined && !statement.hasParameter
  }

  /** A zero byte ends a text in the protocol: the server would see half a statement. */
  #refuseZeroByte(statement: Statement): void {
    if (!statement.text.includes(0)) return
    throw zeroByteFailure(statement)
  }

  /** Runs one statement and waits for its outcome; `undefined` if it failed and the script goes on. */
  async #step(
    statement: Statement,
    kind: StatementKind,
    options: QueryOptions = {},
  ): Promise<QueryResult[] | undefined> {
    await this.rest()
    await this.#openBlock(kind)
    const guarded = await this.#openSavepoint(kind)
    const { results, error } = await send(this.connection, statement.text, options)
    this.committed ||= this.connection.transactionStatus === 'I'
    if (error) await this.#onError(error, statement, guarded)
    else this.#outcome.succeeded(() => results.at(-1)?.command ?? '')
    if (!error && guarded && this.connection.transactionStatus === 'T' && kind !== 'transaction')
      await send(this.connection, `RELEASE ${SAVEPOINT}`)
    return error ? undefined : results
  }

  /** With AUTOCOMMIT off, psql begins a block before the first statement that may stand in one. */
  async #openBlock(kind: StatementKind): Promise<void> {
    if (
      this.#variables.isOn('AUTOCOMMIT') ||
      this.connection.transactionStatus !== 'I' ||
      kind === 'transaction' ||
      kind === 'alone'
    )
      return
    await send(this.connection, 'BEGIN')
  }

  /** With ON_ERROR_ROLLBACK, psql sets a savepoint before each statement of a block. */
  async #openSavepoint(kind: StatementKind): Promise<boolean> {
    if (!this.#variables.isOn('ON_ERROR_ROLLBACK') || this.connection.transactionStatus !== 'T') return false
    if (kind === 'transaction') return false
    await send(this.connection, `SAVEPOINT ${SAVEPOINT}`)
    return true
  }

  async #onError(error: ServerMessage, statement: Statement, guarded: boolean): Promise<void> {
    this.#outcome.failed(error)
    if (guarded) await send(this.connection, `ROLLBACK TO ${SAVEPOINT}`)
    const failure = serverFailure(error, statement)
    // In a transaction that has failed already, the reason is the first error, not that there was one.
    if (error.sqlstate !== IN_FAILED_TRANSACTION) this.#blockFailure = failure
    if (this.#variables.isOn('ON_ERROR_STOP'))
      throw (error.sqlstate === IN_FAILED_TRANSACTION && this.#blockFailure) || failure
    if (error.sqlstate !== IN_FAILED_TRANSACTION) this.tolerated.push(failure)
    this.toleratedErrors += 1
    this.#warn(`${statement.frame.name}: ${error.message} (SQLSTATE ${error.sqlstate})`)
  }

  #warn(text: string): void {
    this.#options.onProgress?.({ type: 'note', level: 'warning', text })
  }
}
