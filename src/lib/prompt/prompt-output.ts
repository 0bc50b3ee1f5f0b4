import type { Writable } from 'node:stream'

/** The two streams that a prompt writes to. A reader that went away (`| head`) is no error of ours. */
export class PromptOutput {
  readonly #output: Writable
  readonly #errorOutput: Writable
  /** Whether nobody reads the results any more. */
  closed = false
  /** One wait for all who wait. */
  #draining: Promise<void> | undefined
  readonly #onError = () => {
    this.closed = true
  }

  constructor(output: Writable, errorOutput: Writable) {
    this.#output = output
    this.#errorOutput = errorOutput
    output.on('error', this.#onError)
  }

  /** Writes results; false when the caller should wait for `drained` before it writes more. */
  write(text: string | Buffer): boolean {
    if (this.closed || text.length === 0) return true
    return this.#output.write(text)
  }

  /** Writes messages: errors, notices, remarks. */
  say(text: string): void {
    this.#errorOutput.write(text)
  }

  /** Resolves when the results have been taken, or when nobody will take them. */
  drained(): Promise<void> {
    const output = this.#output
    if (this.closed || output.destroyed || !output.writableNeedDrain) return Promise.resolve()
    this.#draining ??= new Promise((resolve) => {
      const done = () => {
        output.off('drain', done).off('close', done).off('error', done)
        this.#draining = undefined
        resolve()
      }
      output.once('drain', done).once('close', done).once('error', done)
    })
    return this.#draining
  }

  /** Stops listening to the streams, which belong to the caller. */
  release(): void {
    this.#output.off('error', this.#onError)
  }
}
