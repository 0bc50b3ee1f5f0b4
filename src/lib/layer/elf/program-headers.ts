import { type ElfBytes, invalidElf } from './elf-bytes.ts'
import type { LoadSegment } from './elf-file.ts'

/** A stretch of the file, in bytes. */
export interface Stretch {
  offset: number
  size: number
}

/** What the program headers tell the loader. */
export interface ProgramHeaders {
  loadSegments: LoadSegment[]
  dynamic: Stretch | undefined
  interpreter: Stretch | undefined
  /** Where in the file an address is, by the segments; `undefined` when no segment has it in the file. */
  toOffset: (address: number) => number | undefined
}

/** System V ABI, "Program Header": `p_type`. */
const LOAD = 1
const DYNAMIC = 2
const INTERPRETER = 3

/** More than any linker writes; the field itself goes up to 65,535. */
const MOST_HEADERS = 4096

/** Where the fields of the headers are, and how long a program header is (System V ABI, Elf32 and Elf64). */
const LAYOUTS = {
  32: {
    table: 28,
    entrySize: 42,
    count: 44,
    length: 32,
    offset: 4,
    address: 8,
    fileSize: 16,
    memorySize: 20,
    align: 28,
  },
  64: {
    table: 32,
    entrySize: 54,
    count: 56,
    length: 56,
    offset: 8,
    address: 16,
    fileSize: 32,
    memorySize: 40,
    align: 48,
  },
} as const

/**
 * Reads the program headers.
 * @throws {CruddurError} `ELF_INVALID`
 */
export function readProgramHeaders(bytes: ElfBytes): ProgramHeaders {
  const layout = LAYOUTS[bytes.bits]
  const table = bytes.word(layout.table)
  const count = bytes.u16(layout.count)
  if (count > MOST_HEADERS) throw invalidElf(bytes.name, `it has ${count} program headers`)
  if (count > 0 && bytes.u16(layout.entrySize) !== layout.length)
    throw invalidElf(bytes.name, 'its program headers have a wrong size')
  const loadSegments: LoadSegment[] = []
  const found: Record<number, Stretch> = {}
  for (let index = 0; index < count; index++) {
    const header = table + index * layout.length
    const type = bytes.u32(header)
    const segment = {
      offset: bytes.word(header + layout.offset),
      address: bytes.word(header + layout.address),
      fileSize: bytes.word(header + layout.fileSize),
      memorySize: bytes.word(header + layout.memorySize),
      align: bytes.word(header + layout.align),
    }
    if (type !== LOAD && type !== DYNAMIC && type !== INTERPRETER) continue
    if (segment.offset + segment.fileSize > bytes.size)
      throw invalidElf(bytes.name, 'it ends before the end of its segments')
    if (type === LOAD) loadSegments.push(segment)
    else found[type] = { offset: segment.offset, size: segment.fileSize }
  }
  return {
    loadSegments,
    dynamic: found[DYNAMIC],
    interpreter: found[INTERPRETER],
    toOffset: (address) => {
      const segment = loadSegments.find(
        (one) => address >= one.address && address < one.address + one.fileSize,
      )
      return segment && address - segment.address + segment.offset
    },
  }
}
