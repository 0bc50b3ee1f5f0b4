import { type ByteSource, MemorySource } from '../byte-source.ts'
import { readDynamic, type DynamicSection } from './dynamic-section.ts'
import { ElfBytes, invalidElf } from './elf-bytes.ts'
import type { ElfFile, ElfType } from './elf-file.ts'
import { type ProgramHeaders, readProgramHeaders } from './program-headers.ts'
import { readVersionDefinitions, readVersionNeeds } from './symbol-versions.ts'

/** What an ELF file begins with. */
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

/** System V ABI, "ELF Header": `e_type`. */
const TYPES: readonly ElfType[] = ['other', 'relocatable', 'executable', 'shared', 'core']

/**
 * Reads what the dynamic loader sees of an ELF file: the headers, the dynamic section, the versions of symbols. It goes by the
 * program headers as the loader does, so files without section headers are read as well, and only some kilobytes of each.
 * @param source the file's bytes, or a way to read them in pieces
 * @param name how messages call it
 * @returns `undefined` for what is no ELF file
 * @throws {CruddurError} `ELF_INVALID` for one that is cut off or contradicts itself
 */
export function readElf(source: ByteSource | Uint8Array, name = 'the file'): ElfFile | undefined {
  const given = source instanceof Uint8Array ? new MemorySource(source) : source
  if (!given.read(0, MAGIC.length).equals(MAGIC)) return undefined
  const bytes = new ElfBytes(given, name)
  readIdentification(bytes)
  const headers = readProgramHeaders(bytes)
  const dynamic = headers.dynamic && readDynamic(bytes, headers.dynamic, headers.toOffset)
  return {
    bits: bytes.bits,
    littleEndian: bytes.littleEndian,
    machine: bytes.u16(18),
    type: TYPES[bytes.u16(16)] ?? 'other',
    loadSegments: headers.loadSegments,
    interpreter: readInterpreter(bytes, headers),
    ...describeDynamic(bytes, dynamic),
  }
}

/** System V ABI, "ELF Identification": word size and byte order, which decide how all the rest is read. */
function readIdentification(bytes: ElfBytes): void {
  const [wordSize, order] = [bytes.u8(4), bytes.u8(5)]
  if (wordSize !== 1 && wordSize !== 2) throw invalidElf(bytes.name, 'its class is neither 32 nor 64 bit')
  if (order !== 1 && order !== 2)
    throw invalidElf(bytes.name, 'its byte order is neither of the two there are')
  bytes.bits = wordSize === 2 ? 64 : 32
  bytes.littleEndian = order === 1
}

function readInterpreter(bytes: ElfBytes, { interpreter }: ProgramHeaders): string | undefined {
  return interpreter && bytes.text(interpreter.offset, interpreter.offset + interpreter.size)
}

function describeDynamic(
  bytes: ElfBytes,
  dynamic: DynamicSection | undefined,
): Omit<ElfFile, 'bits' | 'littleEndian' | 'machine' | 'type' | 'loadSegments' | 'interpreter'> {
  return {
    dynamic: dynamic !== undefined,
    needed: dynamic?.needed ?? [],
    soname: dynamic?.soname,
    rpath: dynamic?.rpath,
    runpath: dynamic?.runpath,
    versionNeeds: dynamic ? readVersionNeeds(bytes, dynamic) : [],
    versionDefinitions: dynamic ? readVersionDefinitions(bytes, dynamic) : [],
  }
}
