import { constants, crc32, inflateRaw, inflateRawSync, type InflateRaw, type ZlibOptions } from 'node:zlib'
import { CruddurError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import type { ZipEntry } from './zip-entry.ts'
import { invalidZip, unsupportedZip } from './zip-errors.ts'
import { METHOD } from './zip-format.ts'

/** Deflate makes nothing smaller than a 1032nd (zlib, "Technical Details"); what says so lies. */
const BEST_RATIO = 1032

/** What Node's zlib gives back when it is asked for `info`. */
interface Inflated {
  buffer: Buffer
  engine: InflateRaw
}

/**
 * Makes sure that an entry's content can be had, and is not larger than the caller can bear.
 * @param limit bytes
 * @throws {CruddurError} `ZIP_ENTRY_TOO_LARGE`, `ZIP_INVALID`, `ZIP_UNSUPPORTED`
 */
export function requireReadable(entry: ZipEntry, archive: string, limit: number): void {
  const { name, size, compressedSize } = entry
  requireSupported(entry, archive)
  const isPossible =
    entry.method === METHOD.stored ? size === compressedSize : size <= compressedSize * BEST_RATIO
  if (!isPossible)
    throw invalidZip(archive, `"${name}" cannot have ${groupedDigits(size)} bytes`, { entry: name })
  if (size > limit)
    throw new CruddurError(
      `"${name}" in "${archive}" has ${groupedDigits(size)} bytes, more than the ${groupedDigits(limit)} that are read.`,
      {
        code: 'ZIP_ENTRY_TOO_LARGE',
        hint: 'Take the file out of the package: Lambda does not hold one that large.',
        details: { file: archive, entry: name, size, limit },
      },
    )
}

/**
 * Makes sure that an entry is stored or deflated, and not encrypted.
 * @throws {CruddurError} `ZIP_UNSUPPORTED`
 */
export function requireSupported({ name, encrypted, method }: ZipEntry, archive: string): void {
  if (encrypted) throw unsupportedZip(archive, name, 'is encrypted')
  if (method !== METHOD.stored && method !== METHOD.deflated)
    throw unsupportedZip(archive, name, `is compressed in a way that is not supported (method ${method})`)
}

/**
 * The content of an entry, checked by size and CRC.
 * @param raw its bytes in the zip
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function contentOf(raw: Buffer, entry: ZipEntry, archive: string): Buffer {
  if (entry.method === METHOD.stored) return checked(raw, raw.length, entry, archive)
  let inflated: Inflated
  try {
    inflated = inflateRawSync(raw, optionsFor(entry)) as unknown as Inflated
  } catch (error) {
    throw damaged(error as Error, entry, archive)
  }
  return checked(inflated.buffer, inflated.engine.bytesWritten, entry, archive)
}

/** Bytes of content from which on a thread pays: what is smaller is inflated before one has begun. */
const WORTH_A_THREAD = 262_144

/** The same as `contentOf`, but large entries on a thread of their own: several are inflated at once. */
export function contentLater(raw: Buffer, entry: ZipEntry, archive: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (entry.method === METHOD.stored || entry.size < WORTH_A_THREAD)
      return resolve(contentOf(raw, entry, archive))
    inflateRaw(raw, optionsFor(entry), (error, result) => {
      const inflated = result as unknown as Inflated
      try {
        if (error) throw damaged(error, entry, archive)
        resolve(checked(inflated.buffer, inflated.engine.bytesWritten, entry, archive))
      } catch (wrong) {
        reject(wrong)
      }
    })
  })
}

/**
 * How the content of an entry begins.
 * @param start the first bytes of the entry in the zip
 * @returns what can be read of these
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function beginningOf(start: Buffer, entry: ZipEntry, archive: string): Buffer {
  if (entry.method === METHOD.stored) return start
  try {
    return inflateRawSync(start, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw damaged(error as Error, entry, archive)
  }
}

/** One buffer for all of it, with room for the byte that would be too many; `requireReadable` has bounded the size. */
function optionsFor({ size }: ZipEntry): ZlibOptions {
  return {
    info: true,
    chunkSize: Math.max(constants.Z_MIN_CHUNK, size + 1),
    maxOutputLength: Math.max(1, size),
  }
}

function damaged(error: Error, entry: ZipEntry, archive: string): CruddurError {
  return invalidZip(archive, `"${entry.name}" cannot be unpacked (${error.message})`, { entry: entry.name })
}

function checked(content: Buffer, taken: number, entry: ZipEntry, archive: string): Buffer {
  if (content.length !== entry.size || taken !== entry.compressedSize || crc32(content) !== entry.crc32)
    throw invalidZip(archive, `the content of "${entry.name}" is not what was packed`, { entry: entry.name })
  return content
}
