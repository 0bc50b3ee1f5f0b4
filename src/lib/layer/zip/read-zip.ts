import { type ByteSource, FileSource } from '../byte-source.ts'
import { LIMITS } from '../limits.ts'
import { readDirectory } from './directory.ts'
import { findDirectory } from './end-record.ts'
import { beginningOf, contentLater, contentOf, requireReadable, requireSupported } from './inflate-entry.ts'
import { dataOffset } from './local-header.ts'
import type { ZipEntry } from './zip-entry.ts'
import { invalidZip } from './zip-errors.ts'

/** Bytes that are read beyond those wanted, for the tables that a block of deflate begins with (RFC 1951 §3.2.7). */
const BLOCK_HEADER = 1024

/**
 * A zip whose entries are read where they are: nothing is unpacked to disk. Once it is open its names are safe, none of
 * them is there twice, and no entries share bytes; whatever a zip holds, an entry's content has at most as many bytes as the
 * caller allows.
 */
export class ZipArchive {
  readonly entries: readonly ZipEntry[]
  /** How messages call it. */
  readonly name: string
  readonly source: ByteSource
  readonly #byName: ReadonlyMap<string, ZipEntry>

  /**
   * Opens a zip.
   * @throws {UsageError} `FILE_NOT_READABLE`
   * @throws {CruddurError} `ZIP_INVALID`
   */
  static open(path: string, name = path): ZipArchive {
    const source = new FileSource(path)
    try {
      return new ZipArchive(source, name)
    } catch (error) {
      source.close()
      throw error
    }
  }

  /** @throws {CruddurError} `ZIP_INVALID` */
  constructor(source: ByteSource, name: string) {
    this.source = source
    this.name = name
    this.entries = readDirectory(source, findDirectory(source, name), name)
    this.#byName = new Map(this.entries.map((entry) => [entry.name, entry]))
  }

  /** The entry of a name. */
  find(name: string): ZipEntry | undefined {
    return this.#byName.get(name)
  }

  /**
   * Where the bytes of an entry are in the zip.
   * @throws {CruddurError} `ZIP_INVALID`
   */
  dataOffset(entry: ZipEntry): number {
    return dataOffset(this.source, entry, this.name)
  }

  /**
   * The bytes of an entry as they are in the zip, compressed or not.
   * @throws {CruddurError} `ZIP_INVALID`
   */
  raw(entry: ZipEntry): Buffer {
    const bytes = this.source.read(this.dataOffset(entry), entry.compressedSize)
    if (bytes.length < entry.compressedSize) throw invalidZip(this.name, `"${entry.name}" is cut off`)
    return bytes
  }

  /**
   * The content of an entry, checked by its size and CRC.
   * @param limit the most bytes that it may have
   * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`
   */
  content(entry: ZipEntry, limit: number = LIMITS.unzipped): Buffer {
    requireReadable(entry, this.name, limit)
    return contentOf(this.raw(entry), entry, this.name)
  }

  /**
   * The same as `content`, while other entries are unpacked. The bytes are in memory from the call on: who calls it for many
   * entries does so for a few at a time.
   * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`
   */
  async contentLater(entry: ZipEntry, limit: number = LIMITS.unzipped): Promise<Buffer> {
    requireReadable(entry, this.name, limit)
    return contentLater(this.raw(entry), entry, this.name)
  }

  /**
   * How the content of an entry begins; that is much less work than all of it, and not checked by the CRC.
   * @returns at most `length` bytes, fewer where the content is shorter
   * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`
   */
  beginning(entry: ZipEntry, length: number): Buffer {
    requireSupported(entry, this.name)
    const compressed = Math.min(entry.compressedSize, length + BLOCK_HEADER)
    return beginningOf(this.source.read(this.dataOffset(entry), compressed), entry, this.name).subarray(
      0,
      length,
    )
  }

  /** Closes the file. */
  close(): void {
    this.source.close?.()
  }
}
