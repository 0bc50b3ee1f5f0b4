import { crc32, deflateRawSync } from 'node:zlib'
import { CruddurError, throwIfAborted } from '../../errors.ts'
import { nameProblem, namesProblem } from './entry-name.ts'
import {
  centralHeader,
  endRecords,
  localHeader,
  type WrittenEntry,
  ZIP64_FROM,
  type Zip64From,
} from './entry-records.ts'
import { OutputFile } from './output-file.ts'
import type { ZipArchive } from './read-zip.ts'
import { fileMode, type ZipEntry } from './zip-entry.ts'
import { requireSupported } from './inflate-entry.ts'
import { invalidZip } from './zip-errors.ts'
import { METHOD } from './zip-format.ts'

/** An entry of another zip, whose bytes are copied as they are. */
interface Transplant {
  archive: ZipArchive
  entry: ZipEntry
}

/**
 * Bytes that are written here. They are stored as they are unless `deflate` is set: what zlib makes of the same bytes
 * differs between versions of Node and between processors, so only stored bytes are the same everywhere.
 */
interface Content {
  content: Uint8Array
  deflate?: boolean
}

/** Bytes that were deflated before: the same holds for them. */
interface Packed {
  packed: Uint8Array
  /** Bytes of the content. */
  size: number
  /** Of the content. */
  crc32: number
}

/** A file that a zip is to have. */
export type ZipFile = {
  /** Its path in the zip, with slashes. */
  name: string
  /** Rights without the type: `0o644` or `0o755`. */
  permissions: number
} & (Transplant | Content | Packed)

/** A zip that has been written. */
export interface WrittenZip {
  /** Bytes of the zip. */
  size: number
  /** Bytes of all files. */
  unzippedSize: number
  entries: number
  /** SHA-256 of the zip as Lambda shows it: base64. */
  codeSha256: string
  /** The same in hexadecimal. */
  sha256: string
}

export interface WriteZipOptions {
  signal?: AbortSignal | undefined
  /** Is told how many bytes the zip has so far. */
  onBytes?: ((done: number) => void) | undefined
  zip64From?: Zip64From
}

/**
 * Writes a zip that has the same bytes wherever and whenever it is made: sorted by name, dated 1 January 1980, without folders,
 * comments and extra fields. Files of other zips are copied as they are compressed there. The zip appears under its name when all
 * of it is written; what was there before stays until then.
 * @throws {CruddurError} `ZIP_NAMES_CLASH` for names that cannot be unpacked together; `ZIP_NOT_WRITTEN`, `INTERRUPTED`;
 *   `ZIP_INVALID`, `ZIP_UNSUPPORTED` when a zip that is copied from is damaged or encrypted
 */
export async function writeZip(
  path: string,
  files: readonly ZipFile[],
  options: WriteZipOptions = {},
): Promise<WrittenZip> {
  requireNames(path, files)
  const output = new OutputFile(path)
  try {
    return await writeAll(output, sorted(files), options)
  } finally {
    await output.abandon()
  }
}

async function writeAll(
  output: OutputFile,
  files: readonly NamedFile[],
  { signal, onBytes, zip64From = ZIP64_FROM }: WriteZipOptions,
): Promise<WrittenZip> {
  const written: WrittenEntry[] = []
  let unzippedSize = 0
  for (const { file, name } of files) {
    throwIfAborted(signal)
    const entry = await writeFile(output, file, name, zip64From)
    unzippedSize += entry.size
    written.push(entry)
    onBytes?.(output.size)
  }
  const directory = output.size
  for (const entry of written) await output.write(centralHeader(entry, zip64From))
  await output.write(endRecords(written.length, directory, output.size - directory, zip64From))
  throwIfAborted(signal)
  const size = output.size
  const digest = await output.finish()
  return {
    size,
    unzippedSize,
    entries: written.length,
    codeSha256: digest.toString('base64'),
    sha256: digest.toString('hex'),
  }
}

async function writeFile(
  output: OutputFile,
  file: ZipFile,
  name: Buffer,
  zip64From: Zip64From,
): Promise<WrittenEntry> {
  const common = { name, mode: fileMode(file.permissions), offset: output.size }
  if ('content' in file) {
    const { content } = file
    const packed = file.deflate === true ? deflateRawSync(content, { level: 9 }) : content
    const isSmaller = packed.length < content.length
    const entry: WrittenEntry = {
      ...common,
      method: isSmaller ? METHOD.deflated : METHOD.stored,
      crc32: crc32(content),
      size: content.length,
      compressedSize: isSmaller ? packed.length : content.length,
    }
    await output.write(localHeader(entry, zip64From))
    await output.write(isSmaller ? packed : content)
    return entry
  }
  if ('packed' in file) {
    const { packed, size, crc32: checksum } = file
    const entry: WrittenEntry = {
      ...common,
      method: METHOD.deflated,
      crc32: checksum,
      size,
      compressedSize: packed.length,
    }
    await output.write(localHeader(entry, zip64From))
    await output.write(packed)
    return entry
  }
  const { archive, entry: origin } = file
  const { method, size, compressedSize } = origin
  requireSupported(origin, archive.name)
  const entry: WrittenEntry = { ...common, method, crc32: origin.crc32, size, compressedSize }
  const start = archive.dataOffset(origin)
  await output.write(localHeader(entry, zip64From))
  const copied = await output.copy(archive.source, start, compressedSize)
  if (copied < compressedSize) throw invalidZip(archive.name, `"${origin.name}" is cut off`)
  return entry
}

interface NamedFile {
  file: ZipFile
  name: Buffer
}

/** By the bytes of the names in UTF-8: the same order in every language and on every system. */
function sorted(files: readonly ZipFile[]): NamedFile[] {
  return files
    .map((file) => ({ file, name: Buffer.from(file.name) }))
    .toSorted((a, b) => Buffer.compare(a.name, b.name))
}

function requireNames(path: string, files: readonly ZipFile[]): void {
  const unsafe = files.find(({ name }) => name.endsWith('/') || nameProblem(name) !== undefined)
  const clash = unsafe
    ? { name: unsafe.name, reason: nameProblem(unsafe.name) ?? 'it is a folder' }
    : namesProblem(files.map(({ name }) => name))
  if (clash === undefined) return
  throw new CruddurError(`"${path}" cannot have the file ${JSON.stringify(clash.name)}: ${clash.reason}.`, {
    code: 'ZIP_NAMES_CLASH',
    hint: 'Two packages may bring the same file: leave one of them out.',
    details: { file: path, entry: clash.name },
  })
}
