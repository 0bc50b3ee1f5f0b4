import { EARLIEST, FLAG, FULL, LENGTH, MADE_BY_UNIX, SIGNATURE, ZIP64_EXTRA } from './zip-format.ts'

/** An entry as it is written. */
export interface WrittenEntry {
  /** Its name in UTF-8. */
  name: Buffer
  /** All bits of a Unix file mode, the type among them. */
  mode: number
  method: number
  crc32: number
  size: number
  compressedSize: number
  /** Where its local header is. */
  offset: number
}

/** From which numbers on the fields for large zips are used. */
export interface Zip64From {
  /** Bytes of an entry, or of what is in front of it. */
  bytes: number
  entries: number
}

/** Where the format needs them (4.4.1.4). Tests use smaller ones, since what is above these is slow to write. */
export const ZIP64_FROM: Zip64From = { bytes: FULL.four, entries: FULL.two }

/** "Version needed to extract" (4.4.3): 2.0 for deflate, 4.5 for large zips. */
const NEEDED = { usual: 20, zip64: 45 } as const

/** The record in front of the data (4.3.7). */
export function localHeader(entry: WrittenEntry, from: Zip64From): Buffer {
  const { name, size, compressedSize } = entry
  const isLarge = size >= from.bytes || compressedSize >= from.bytes
  const extra = isLarge ? zip64Extra([size, compressedSize]) : Buffer.alloc(0)
  const header = Buffer.alloc(LENGTH.local)
  header.writeUInt32LE(SIGNATURE.local, 0)
  writeCommon(header, 4, entry, isLarge, isLarge, extra.length)
  return Buffer.concat([header, name, extra])
}

/** The record in the directory (4.3.12). */
export function centralHeader(entry: WrittenEntry, from: Zip64From): Buffer {
  const { name, size, compressedSize, offset, mode } = entry
  const isLarge = size >= from.bytes || compressedSize >= from.bytes
  const isFar = offset >= from.bytes
  const long = [...(isLarge ? [size, compressedSize] : []), ...(isFar ? [offset] : [])]
  const extra = long.length > 0 ? zip64Extra(long) : Buffer.alloc(0)
  const header = Buffer.alloc(LENGTH.central)
  header.writeUInt32LE(SIGNATURE.central, 0)
  header.writeUInt16LE((MADE_BY_UNIX << 8) | (long.length > 0 ? NEEDED.zip64 : NEEDED.usual), 4)
  writeCommon(header, 6, entry, isLarge, long.length > 0, extra.length)
  header.writeUInt32LE(mode * 0x1_00_00, 38)
  header.writeUInt32LE(isFar ? FULL.four : offset, 42)
  return Buffer.concat([header, name, extra])
}

/** What both records have alike, from "version needed" to the length of the extra fields. */
function writeCommon(
  header: Buffer,
  at: number,
  entry: WrittenEntry,
  isLarge: boolean,
  needsZip64: boolean,
  extraLength: number,
): void {
  const isAscii = entry.name.every((byte) => byte < 0x80)
  header.writeUInt16LE(needsZip64 ? NEEDED.zip64 : NEEDED.usual, at)
  header.writeUInt16LE(isAscii ? 0 : FLAG.utf8, at + 2)
  header.writeUInt16LE(entry.method, at + 4)
  header.writeUInt16LE(EARLIEST.time, at + 6)
  header.writeUInt16LE(EARLIEST.date, at + 8)
  header.writeUInt32LE(entry.crc32, at + 10)
  header.writeUInt32LE(isLarge ? FULL.four : entry.compressedSize, at + 14)
  header.writeUInt32LE(isLarge ? FULL.four : entry.size, at + 18)
  header.writeUInt16LE(entry.name.length, at + 22)
  header.writeUInt16LE(extraLength, at + 24)
}

/** The extra field with the numbers that do not fit (4.5.3). */
function zip64Extra(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + numbers.length * 8)
  extra.writeUInt16LE(ZIP64_EXTRA, 0)
  extra.writeUInt16LE(numbers.length * 8, 2)
  for (const [index, number] of numbers.entries()) extra.writeBigUInt64LE(BigInt(number), 4 + index * 8)
  return extra
}

/**
 * The records at the end of a zip (4.3.14 to 4.3.16).
 * @param count of entries
 * @param offset where the directory begins
 * @param size of the directory, in bytes
 */
export function endRecords(count: number, offset: number, size: number, from: Zip64From): Buffer {
  const isLarge = count >= from.entries || offset >= from.bytes || size >= from.bytes
  const end = Buffer.alloc(LENGTH.end)
  end.writeUInt32LE(SIGNATURE.end, 0)
  end.writeUInt16LE(isLarge ? FULL.two : count, 8)
  end.writeUInt16LE(isLarge ? FULL.two : count, 10)
  end.writeUInt32LE(isLarge ? FULL.four : size, 12)
  end.writeUInt32LE(isLarge ? FULL.four : offset, 16)
  return isLarge ? Buffer.concat([zip64End(count, offset, size), end]) : end
}

function zip64End(count: number, offset: number, size: number): Buffer {
  const records = Buffer.alloc(LENGTH.zip64End + LENGTH.zip64Locator)
  records.writeUInt32LE(SIGNATURE.zip64End, 0)
  records.writeBigUInt64LE(BigInt(LENGTH.zip64End - 12), 4)
  records.writeUInt16LE((MADE_BY_UNIX << 8) | NEEDED.zip64, 12)
  records.writeUInt16LE(NEEDED.zip64, 14)
  records.writeBigUInt64LE(BigInt(count), 24)
  records.writeBigUInt64LE(BigInt(count), 32)
  records.writeBigUInt64LE(BigInt(size), 40)
  records.writeBigUInt64LE(BigInt(offset), 48)
  records.writeUInt32LE(SIGNATURE.zip64Locator, LENGTH.zip64End)
  records.writeBigUInt64LE(BigInt(offset + size), LENGTH.zip64End + 8)
  records.writeUInt32LE(1, LENGTH.zip64End + 16)
  return records
}
