import type { Readable } from 'node:stream'
import { InterruptedError } from '../errors.ts'
import { NEWLINE } from '../script/bytes.ts'
import type { ScriptReader } from '../script/script-reader.ts'

/** Counts the lines of a stream up to an offset, without keeping what is before it. */
export class LineCounter {
  #line = 1
  /** Offset up to which lines have been counted: the beginning of the first chunk kept. */
  #counted = 0
  #chunks: Buffer[] = []

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
  }

  /** The number of the line that holds the offset, from 1. Offsets must not go back. */
  lineOf(offset: number): number {
    for (let chunk = this.#chunks[0]; chunk && this.#counted < offset; chunk = this.#chunks[0]) {
      const part = chunk.subarray(0, offset - this.#counted)
      for (let at = part.indexOf(NEWLINE); at !== -1; at = part.indexOf(NEWLINE, at + 1)) this.#line += 1
      this.#counted += part.length
      if (part.length < chunk.length) this.#chunks[0] = chunk.subarray(part.length)
      else this.#chunks.shift()
    }
    return this.#line
  }
}

/** Reads a stream as it comes: a pipe, or a file that the shell has opened. */
export class StreamSource implements ScriptReader {
  readonly lines = new LineCounter()
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer | string>
  readonly #aborted: Promise<never>

  constructor(stream: Readable, signal: AbortSignal | undefined) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>
    this.#aborted = new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new InterruptedError()), { once: true })
    })
    this.#aborted.catch(() => undefined)
  }

  /** @throws {InterruptedError} when the caller gives up while nothing comes */
  async next(): Promise<Buffer | undefined> {
    const { value, done } = await Promise.race([this.#chunks.next(), this.#aborted])
    if (done) return undefined
    const chunk = Buffer.from(value)
    this.lines.add(chunk)
    return chunk
  }

  /** Ends the stream, as leaving a loop over it does. */
  async close(): Promise<void> {
    // Not by the iterator's `return`, which would wait for the read that is still waiting.
    this.#stream.destroy()
  }
}
