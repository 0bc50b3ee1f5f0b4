import type { Hash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CruddurError } from '../../errors.ts'
import { sha256 } from '../../sha256.ts'
import type { ByteSource } from '../byte-source.ts'

/** Bytes that are written at once. */
const BLOCK = 4_194_304

/**
 * A file that appears whole or not at all: it is written under another name beside its place, and renamed in the end. While one block is
 * on its way to the disk, the next one is filled and hashed.
 */
export class OutputFile {
  readonly #path: string
  readonly #temporary: string
  readonly #hash: Hash = sha256()
  #handle: FileHandle | undefined
  #block = Buffer.allocUnsafe(BLOCK)
  #other = Buffer.allocUnsafe(BLOCK)
  #filled = 0
  #flushed = 0
  #writing: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.#temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now().toString(36)}.part`)
  }

  /** Bytes that the file has so far. */
  get size(): number {
    return this.#flushed + this.#filled
  }

  /** @throws {CruddurError} `ZIP_NOT_WRITTEN` */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.#filled === BLOCK) await this.#flush()
      const count = Math.min(BLOCK - this.#filled, bytes.length - done)
      this.#block.set(bytes.subarray(done, done + count), this.#filled)
      this.#filled += count
      done += count
    }
  }

  /**
   * Copies bytes of a source.
   * @returns how many; fewer than `length` only where the source ends
   * @throws {CruddurError} `ZIP_NOT_WRITTEN`; what reading throws
   */
  async copy(source: ByteSource, offset: number, length: number): Promise<number> {
    let done = 0
    while (done < length) {
      if (this.#filled === BLOCK) await this.#flush()
      const wanted = Math.min(BLOCK - this.#filled, length - done)
      const count = source.readInto(this.#block, this.#filled, offset + done, wanted)
      this.#filled += count
      done += count
      if (count < wanted) break
    }
    return done
  }

  /**
   * Puts the file in its place.
   * @returns the SHA-256 of all its bytes
   * @throws {CruddurError} `ZIP_NOT_WRITTEN`
   */
  async finish(): Promise<Buffer> {
    await this.#flush()
    await this.#guarded(async () => {
      await this.#writing
      await this.#handle?.close()
      this.#handle = undefined
      await rename(this.#temporary, this.#path)
    })
    return this.#hash.digest()
  }

  /** Removes what has been written, unless the file is finished. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#handle?.close().catch(() => undefined)
    await rm(this.#temporary, { force: true })
  }

  async #flush(): Promise<void> {
    const full = this.#block.subarray(0, this.#filled)
    await this.#guarded(async () => {
      await this.#writing
      this.#handle ??= await open(this.#temporary, 'wx')
    })
    this.#writing = this.#writeAll(full)
    // Whoever waits for it next is told.
    this.#writing.catch(() => undefined)
    this.#hash.update(full)
    this.#flushed += this.#filled
    this.#filled = 0
    ;[this.#block, this.#other] = [this.#other, this.#block]
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const written = await this.#handle?.write(bytes, done, bytes.length - done)
      done += written?.bytesWritten ?? 0
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw notWritten(this.#path, error as NodeJS.ErrnoException)
    }
  }
}

/** Reasons for people, by the operating system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOENT: 'the folder does not exist',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  EISDIR: 'there is a folder of that name',
  ENOTDIR: 'a part of the path is not a folder',
}

/** @returns the error of a file that cannot be written */
export function notWritten(path: string, error: NodeJS.ErrnoException): CruddurError {
  return new CruddurError(`"${path}" cannot be written: ${REASONS[error.code ?? ''] ?? error.message}.`, {
    code: 'ZIP_NOT_WRITTEN',
    hint: 'Make room there, or choose another place. What was there before is unchanged.',
    details: { file: path },
    cause: error,
  })
}
