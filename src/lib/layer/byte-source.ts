import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { UsageError } from '../errors.ts'

/**
 * Bytes that are read in pieces. Reading does not wait: what is read is on disk, mostly in the page cache, and small; with a
 * promise per piece a scan of a layer takes several times as long.
 */
export interface ByteSource {
  /** How many bytes there are. */
  readonly size: number
  /** Bytes from an offset on; fewer than asked for where the source ends. The bytes may be shared: nobody writes to them. */
  read(offset: number, length: number): Buffer
  /**
   * Reads into a buffer, from `start` on.
   * @returns how many bytes were read; fewer than `length` only where the source ends
   */
  readInto(target: Uint8Array, start: number, offset: number, length: number): number
  /** Releases what is behind it, where there is something to release. */
  close?(): void
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  readonly #bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get size(): number {
    return this.#bytes.length
  }

  read(offset: number, length: number): Buffer {
    return this.#bytes.subarray(offset, offset + length)
  }

  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    return this.#bytes.copy(target, start, offset, offset + length)
  }
}

/** A file that stays open until it is closed. */
export class FileSource implements ByteSource {
  readonly size: number
  readonly #path: string
  #descriptor: number
  #isOpen = true

  /** @throws {UsageError} `FILE_NOT_READABLE` */
  constructor(path: string) {
    this.#path = path
    try {
      // Before it is opened: opening a pipe waits until somebody writes to it.
      const stats = statSync(path)
      if (!stats.isFile()) throw Object.assign(new Error(), { code: 'EISDIR' })
      this.size = stats.size
      this.#descriptor = openSync(path, 'r')
    } catch (error) {
      throw notReadable(path, error)
    }
  }

  /** @throws {UsageError} `FILE_NOT_READABLE` */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)))
    return bytes.subarray(0, this.readInto(bytes, 0, offset, bytes.length))
  }

  /** @throws {UsageError} `FILE_NOT_READABLE` */
  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    let done = 0
    try {
      while (done < length) {
        const count = readSync(this.#descriptor, target, start + done, length - done, offset + done)
        if (count === 0) break
        done += count
      }
    } catch (error) {
      throw notReadable(this.#path, error)
    }
    return done
  }

  /** May be called again. Nothing can be read afterwards. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#descriptor)
    // The number may soon belong to another file.
    this.#descriptor = -1
  }
}

/** Reasons for people, by the operating system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is not a file',
  ENOTDIR: 'a part of the path is not a folder',
}

function notReadable(path: string, error: unknown): UsageError {
  const { code = '', message } = error as NodeJS.ErrnoException
  return new UsageError(`"${path}" cannot be read: ${REASONS[code] ?? message}.`, {
    code: 'FILE_NOT_READABLE',
    hint: 'Check the path and the rights on it.',
    details: { file: path },
    cause: error,
  })
}
