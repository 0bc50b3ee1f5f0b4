import type { QueryResult } from '../postgres/query.ts'
import type { ServerMessage } from '../postgres/server-message.ts'

/** psql's variables about the last statement: `ERROR`, `SQLSTATE`, `ROW_COUNT`, `LAST_ERROR_MESSAGE` … */
export class Outcome {
  #error: ServerMessage | undefined
  #lastError: ServerMessage | undefined
  #rowCount = '0'

  succeeded(results: readonly QueryResult[]): void {
    this.#error = undefined
    this.#rowCount = / (\d+)$/.exec(results.at(-1)?.command ?? '')?.[1] ?? '0'
  }

  failed(error: ServerMessage): void {
    this.#error = error
    this.#lastError = error
    this.#rowCount = '0'
  }

  /** The value, bytes one per character; `undefined` if the name is none of these variables. */
  variable(name: string): string | undefined {
    switch (name) {
      case 'ERROR':
        return String(this.#error !== undefined)
      case 'SQLSTATE':
        return this.#error?.sqlstate ?? '00000'
      case 'ROW_COUNT':
        return this.#rowCount
      case 'LAST_ERROR_SQLSTATE':
        return this.#lastError?.sqlstate ?? '00000'
      case 'LAST_ERROR_MESSAGE':
        return Buffer.from(this.#lastError?.message ?? '').toString('latin1')
      default:
        return undefined
    }
  }
}
