import type { ByteSource } from '../byte-source.ts'
import { decodeCp437 } from './cp437.ts'
import { nameProblem, namesProblem } from './entry-name.ts'
import type { DirectoryPlace } from './end-record.ts'
import { kindOf, type ZipEntry } from './zip-entry.ts'
import { invalidZip } from './zip-errors.ts'
import { FLAG, FULL, LENGTH, MADE_BY_UNIX, SIGNATURE } from './zip-format.ts'
import { readZip64Extra } from './zip64-extra.ts'

/**
 * Reads the central directory. It is sound when it returns: names that can be unpacked, no two entries that share bytes.
 * @param place where it is
 * @param archive the zip's name, for messages
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function readDirectory(source: ByteSource, place: DirectoryPlace, archive: string): ZipEntry[] {
  const bytes = source.read(place.offset, place.size)
  const entries: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < place.count; index++) {
    if (at + LENGTH.central > bytes.length || bytes.readUInt32LE(at) !== SIGNATURE.central)
      throw invalidZip(archive, `its directory has ${index} entries, not ${place.count}`)
    const next =
      at +
      LENGTH.central +
      bytes.readUInt16LE(at + 28) +
      bytes.readUInt16LE(at + 30) +
      bytes.readUInt16LE(at + 32)
    if (next > bytes.length) throw invalidZip(archive, 'its directory is cut off')
    entries.push(readEntry(bytes.subarray(at, next), archive))
    at = next
  }
  if (at !== bytes.length) throw invalidZip(archive, 'there is something behind the entries of its directory')
  checkNames(entries, archive)
  limitPlaces(entries, place.offset, archive)
  return entries
}

function readEntry(record: Buffer, archive: string): ZipEntry {
  const flags = record.readUInt16LE(8)
  const nameEnd = LENGTH.central + record.readUInt16LE(28)
  const isUnix = record[5] === MADE_BY_UNIX
  const name = decodeName(record.subarray(LENGTH.central, nameEnd), flags, isUnix, archive)
  const short = {
    size: record.readUInt32LE(24),
    compressedSize: record.readUInt32LE(20),
    offset: record.readUInt32LE(42),
  }
  if (![0, FULL.two].includes(record.readUInt16LE(34))) throw invalidZip(archive, 'it is one part of several')
  const extra = record.subarray(nameEnd, nameEnd + record.readUInt16LE(30))
  const mode = isUnix ? record.readUInt16LE(40) : 0
  return {
    name,
    kind: kindOf(name, mode),
    permissions: isUnix ? mode & 0o7777 : undefined,
    mode,
    method: record.readUInt16LE(10),
    encrypted: (flags & (FLAG.encrypted | FLAG.strong | FLAG.masked)) !== 0,
    ...readZip64Extra(extra, short, (reason) => invalidZip(archive, `"${name}" ${reason}`)),
    crc32: record.readUInt32LE(16),
    end: 0,
  }
}

/**
 * A name in the encoding that the entry says it is in. Info-ZIP says nothing on Unix, and has the bytes that the file's name has
 * there: those that are UTF-8 are taken as that.
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function decodeName(bytes: Buffer, flags: number, isUnix: boolean, archive: string): string {
  const isDeclared = (flags & FLAG.utf8) !== 0
  if (!isDeclared && !isUnix) return decodeCp437(bytes)
  const name = bytes.toString('utf8')
  if (Buffer.from(name).equals(bytes)) return name
  if (isDeclared) throw invalidZip(archive, `the name "${name}" is not UTF-8`)
  return decodeCp437(bytes)
}

function checkNames(entries: readonly ZipEntry[], archive: string): void {
  for (const { name } of entries) {
    const reason = nameProblem(name)
    if (reason)
      throw invalidZip(archive, `the name ${JSON.stringify(name)} is not safe: ${reason}`, { entry: name })
  }
  const clash = namesProblem(entries.map(({ name }) => name))
  if (clash) throw invalidZip(archive, `"${clash.name}": ${clash.reason}`, { entry: clash.name })
}

/** Says where each entry ends. Entries that share bytes make a small zip large beyond measure (D. Fifield, "A better zip bomb", 2019). */
function limitPlaces(entries: readonly ZipEntry[], directory: number, archive: string): void {
  const byPlace = entries.toSorted((a, b) => a.offset - b.offset)
  for (const [index, entry] of byPlace.entries()) {
    const { name, offset, compressedSize } = entry
    entry.end = byPlace[index + 1]?.offset ?? directory
    // The name in front of the data is at least a byte per character.
    if (offset + LENGTH.local + name.length + compressedSize > entry.end)
      throw invalidZip(archive, `"${name}" overlaps what follows it`, { entry: name })
  }
}
