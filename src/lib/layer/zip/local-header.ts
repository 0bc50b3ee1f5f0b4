import type { ByteSource } from '../byte-source.ts'
import { decodeName } from './directory.ts'
import type { ZipEntry } from './zip-entry.ts'
import { invalidZip } from './zip-errors.ts'
import { FLAG, LENGTH, SIGNATURE } from './zip-format.ts'
import { readZip64Extra } from './zip64-extra.ts'

/**
 * Where the data of an entry begins. The header in front of it must say what the directory says: programs differ in which of the
 * two they go by, so a zip in which they differ is one thing to who checks it and another to who unpacks it.
 * @param archive the zip's name, for messages
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function dataOffset(source: ByteSource, entry: ZipEntry, archive: string): number {
  const fail = (reason: string) => invalidZip(archive, `"${entry.name}" ${reason}`, { entry: entry.name })
  // What nearly always suffices, so that it is one read.
  const guess = Math.min(entry.end - entry.offset, LENGTH.local + entry.name.length + 64)
  let header = source.read(entry.offset, guess)
  if (header.length < LENGTH.local || header.readUInt32LE(0) !== SIGNATURE.local)
    throw fail('is not where the directory says')
  const nameEnd = LENGTH.local + header.readUInt16LE(26)
  const length = nameEnd + header.readUInt16LE(28)
  if (entry.offset + length + entry.compressedSize > entry.end) throw fail('overlaps what follows it')
  if (length > header.length) header = source.read(entry.offset, length)
  if (header.length < length) throw fail('is cut off')
  const flags = header.readUInt16LE(6)
  const local = readZip64Extra(
    header.subarray(nameEnd, length),
    { size: header.readUInt32LE(22), compressedSize: header.readUInt32LE(18) },
    fail,
  )
  const isUnix = entry.permissions !== undefined
  const crc32 = header.readUInt32LE(14)
  // Who writes without going back has the numbers behind the data, and here zeros or what is right (4.4.4, bit 3).
  const isLater = (flags & FLAG.sizesFollow) !== 0
  const agrees = (found: number, said: number) => found === said || (isLater && found === 0)
  if (
    decodeName(header.subarray(LENGTH.local, nameEnd), flags, isUnix, archive) !== entry.name ||
    header.readUInt16LE(8) !== entry.method ||
    ((flags & FLAG.encrypted) !== 0 && !entry.encrypted) ||
    !agrees(local.size, entry.size) ||
    !agrees(local.compressedSize, entry.compressedSize) ||
    !agrees(crc32, entry.crc32)
  )
    throw fail('is not described alike in both places')
  return entry.offset + length
}
