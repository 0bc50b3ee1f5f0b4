import { createHash } from 'node:crypto'
import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { CruddurError, InterruptedError, throwIfAborted } from '../../errors.ts'
import { type HttpAnswer, wait } from '../http/http-client.ts'
import { unreachable } from '../http/http-errors.ts'
import type { DownloadOptions } from './download.ts'
import { corrupt, isDiskError } from './download-errors.ts'
import type { OnBytes } from './download-progress.ts'
import { hashOf } from './file-hash.ts'
import type { PartFile } from './part-file.ts'
import type { ResolvedWheel } from './resolution.ts'

/** One file on its way. */
export class FileDownload {
  readonly #url: URL
  readonly #wheel: ResolvedWheel
  readonly #part: PartFile
  readonly #options: DownloadOptions
  readonly #onBytes: OnBytes
  #hash = createHash('sha256')
  #done = 0

  constructor(url: URL, wheel: ResolvedWheel, part: PartFile, options: DownloadOptions, onBytes: OnBytes) {
    this.#url = options.http.logins.take(url)
    this.#wheel = wheel
    this.#part = part
    this.#options = options
    this.#onBytes = onBytes
  }

  async run(): Promise<{ sha256: string; size: number }> {
    const { resumes, path } = this.#part
    const before = resumes ? await stat(path).catch(() => undefined) : undefined
    const file = await open(path, before ? 'r+' : 'w')
    try {
      if (before && before.size > 0) ({ hash: this.#hash, size: this.#done } = await hashOf(path))
      const resumed = this.#done > 0
      await this.#fetch(file)
      let sha256 = this.#hash.digest('hex')
      if (resumed && this.#isWrong(sha256)) {
        // What was left there may have been something else: once more from the beginning.
        await this.#restart(file)
        await this.#fetch(file)
        sha256 = this.#hash.digest('hex')
      }
      if (this.#isWrong(sha256)) {
        await rm(path, { force: true })
        throw corrupt(this.#wheel, this.#url.host)
      }
      return { sha256, size: this.#done }
    } finally {
      await file.close()
    }
  }

  #isWrong(sha256: string): boolean {
    return this.#wheel.sha256 !== undefined && this.#wheel.sha256 !== sha256
  }

  async #restart(file: FileHandle): Promise<void> {
    this.#hash = createHash('sha256')
    this.#done = 0
    await file.truncate(0)
  }

  /** Fetches what is missing. A cut connection is taken up again; only one that brings nothing counts as a failure. */
  async #fetch(file: FileHandle): Promise<void> {
    const { http, signal } = this.#options
    const { retries, pause } = http.repetition
    let failures = 0
    for (;;) {
      throwIfAborted(signal)
      const before = this.#done
      try {
        await this.#receive(await this.#ask(file), file)
        return
      } catch (error) {
        if (signal?.aborted) throw new InterruptedError()
        if (error instanceof CruddurError || isDiskError(error)) throw error
        failures = this.#done > before ? 0 : failures + 1
        if (failures > retries) throw unreachable(this.#url, error as Error)
        await wait(pause * 2 ** failures, signal)
      }
    }
  }

  async #ask(file: FileHandle): Promise<HttpAnswer> {
    const { http, signal } = this.#options
    const range = this.#done > 0 ? { range: `bytes=${this.#done}-` } : {}
    const answer = await http.get(this.#url, { headers: { 'accept-encoding': 'identity', ...range }, signal })
    const isRest =
      answer.status === 206 && answer.headers['content-range']?.startsWith(`bytes ${this.#done}-`) === true
    if (isRest) return answer
    // A server that sends no parts sends the whole; one that finds nothing left is asked for it.
    if (this.#done > 0) await this.#restart(file)
    if (answer.status === 200) return answer
    answer.body.destroy()
    if (answer.status === 206 || answer.status === 416) return this.#ask(file)
    throw new CruddurError(
      `${this.#url.host} does not have ${this.#wheel.fileName}: HTTP ${answer.status}.`,
      {
        code: 'DOWNLOAD_FAILED',
        kind: 'unreachable',
        hint: 'If a lock file names it, lock again; if the index wants a login, put it into PIP_INDEX_URL.',
        details: { host: this.#url.host, file: this.#wheel.fileName, status: answer.status },
      },
    )
  }

  async #receive({ body, headers }: HttpAnswer, file: FileHandle): Promise<void> {
    const length = headers['content-length']
    const total = length === undefined ? this.#wheel.size : this.#done + Number(length)
    this.#onBytes(this.#done, total)
    for await (const chunk of body as AsyncIterable<Buffer>) {
      throwIfAborted(this.#options.signal)
      await writeAll(file, chunk, this.#done)
      this.#hash.update(chunk)
      this.#done += chunk.length
      this.#onBytes(this.#done, total)
    }
    if (total !== undefined && this.#done < total) throw new Error('the connection was cut')
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
