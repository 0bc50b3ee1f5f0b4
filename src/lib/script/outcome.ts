import type { ServerMessage } from '../postgres/server-message.ts'

/** psql's variables about the last statement: `ERROR`, `SQLSTATE`, `ROW_COUNT`, `LAST_ERROR_MESSAGE` … */
export class Outcome {
  #error: ServerMessage | undefined
  #lastError: ServerMessage | undefined
  #tag: () => string = () => ''

  /** @param tag reads the command tag, e.g. `INSERT 0 1`; it is asked for when it is needed, and may not be there before */
  succeeded(tag: () => string): void {
    this.#error = undefined
    this.#tag = tag
  }

  failed(error: ServerMessage): void {
    this.#error = error
    this.#lastError = error
    this.#tag = () => ''
  }

  /** The value, bytes one per character; `undefined` if the name is none of these variables. */
  variable(name: string): string | undefined {
    switch (name) {
      case 'ERROR':
        return String(this.#error !== undefined)
      case 'SQLSTATE':
        return this.#error?.sqlstate ?? '00000'
      case 'ROW_COUNT':
        // The number of rows at the end of the tag; psql says 0 where there is none.
        return / (\d+)$/.exec(this.#tag())?.[1] ?? '0'
      case 'LAST_ERROR_SQLSTATE':
        return this.#lastError?.sqlstate ?? '00000'
      case 'LAST_ERROR_MESSAGE':
        return Buffer.from(this.#lastError?.message ?? '').toString('latin1')
      default:
        return undefined
    }
  }
}
