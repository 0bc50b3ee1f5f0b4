import type { ByteSource } from '../byte-source.ts'
import { invalidZip } from './zip-errors.ts'
import { FULL, LENGTH, LONGEST_COMMENT, SIGNATURE } from './zip-format.ts'
import { readLong } from './zip64-extra.ts'

/** Where the central directory of a zip is, and how many entries it has. */
export interface DirectoryPlace {
  offset: number
  /** In bytes. */
  size: number
  count: number
}

/** The largest directory that is read, in bytes: room for a million entries. Lambda's 250 MB hold some ten thousand files. */
const LARGEST_DIRECTORY = 100_000_000

/**
 * Finds the central directory: by the record at the very end of the zip, or the larger one in front of it.
 * @param archive the zip's name, for messages
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function findDirectory(source: ByteSource, archive: string): DirectoryPlace {
  const end = findEnd(source, archive)
  const { place, recordOffset } = readZip64End(source, end, archive) ?? {
    place: {
      count: end.record.readUInt16LE(10),
      size: end.record.readUInt32LE(12),
      offset: end.record.readUInt32LE(16),
    },
    recordOffset: end.offset,
  }
  if (place.offset + place.size !== recordOffset)
    throw invalidZip(archive, 'its directory is not where its end says')
  if (place.size > LARGEST_DIRECTORY || place.count * LENGTH.central > place.size)
    throw invalidZip(archive, `its directory cannot have ${place.count} entries in ${place.size} bytes`)
  return place
}

interface EndRecord {
  offset: number
  record: Buffer
}

/** The last end record whose comment reaches exactly to the end of the zip. */
function findEnd(source: ByteSource, archive: string): EndRecord {
  const length = Math.min(source.size, LENGTH.end + LONGEST_COMMENT)
  const start = source.size - length
  const tail = source.read(start, length)
  for (let at = tail.length - LENGTH.end; at >= 0; at--) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== SIGNATURE.end) continue
    if (at + LENGTH.end + tail.readUInt16LE(at + 20) !== tail.length) continue
    const record = tail.subarray(at, at + LENGTH.end)
    const [disk, directoryDisk] = [record.readUInt16LE(4), record.readUInt16LE(6)]
    if (disk !== directoryDisk || ![0, FULL.two].includes(disk))
      throw invalidZip(archive, 'it is one part of several')
    return { offset: start + at, record }
  }
  throw invalidZip(archive, 'its end is missing')
}

/** The record for large zips, when there is one. */
function readZip64End(
  source: ByteSource,
  end: EndRecord,
  archive: string,
): { place: DirectoryPlace; recordOffset: number } | undefined {
  const fail = (reason: string) => invalidZip(archive, `its end ${reason}`)
  const locatorOffset = end.offset - LENGTH.zip64Locator
  if (locatorOffset < 0) return undefined
  const locator = source.read(locatorOffset, LENGTH.zip64Locator)
  if (locator.readUInt32LE(0) !== SIGNATURE.zip64Locator) return undefined
  const recordOffset = readLong(locator, 8, fail)
  if (recordOffset + LENGTH.zip64End > locatorOffset) throw fail('is not where it says')
  const record = source.read(recordOffset, LENGTH.zip64End)
  if (record.readUInt32LE(0) !== SIGNATURE.zip64End) throw fail('is not where it says')
  // The size of the record counts from behind its own field.
  if (recordOffset + 12 + readLong(record, 4, fail) !== locatorOffset) throw fail('is not where it says')
  const place = {
    count: readLong(record, 32, fail),
    size: readLong(record, 40, fail),
    offset: readLong(record, 48, fail),
  }
  return { place, recordOffset }
}
