import { CruddurError } from '../../errors.ts'
import type { ByteSource } from '../byte-source.ts'

/** Bytes that are read at once. What the loader needs mostly lies in one or two such stretches. */
const PAGE = 16_384

/** Bytes of the longest name that is followed; the file systems know no longer path (Linux, PATH_MAX). */
const LONGEST_NAME = 4096

/** Stretches that are kept, for names that are all over a large file. */
const MOST_PAGES = 64

/** Bytes of all names of a file together; real ones have some thousand. */
const MOST_TEXT = 4_194_304

/** @returns the error of a file that begins like an ELF file, but is none */
export function invalidElf(name: string, reason: string): CruddurError {
  return new CruddurError(`"${name}" is a damaged ELF file: ${reason}.`, {
    code: 'ELF_INVALID',
    hint: 'Download or build the package again.',
    details: { file: name },
  })
}

/**
 * Numbers and names at offsets of an ELF file, in the file's own byte order and word size. What lies near each other is read
 * once. Every read is checked: what lies beyond the end is an error, never a guess.
 */
export class ElfBytes {
  readonly size: number
  readonly name: string
  littleEndian = true
  bits: 32 | 64 = 64
  readonly #source: ByteSource
  #textLeft = MOST_TEXT
  readonly #pages = new Map<number, DataView>()

  constructor(source: ByteSource, name: string) {
    this.#source = source
    this.size = source.size
    this.name = name
  }

  /** @throws {CruddurError} `ELF_INVALID` */
  u8(offset: number): number {
    return this.#view(offset).getUint8(offset % PAGE)
  }

  /** @throws {CruddurError} `ELF_INVALID` */
  u16(offset: number): number {
    if (offset % PAGE <= PAGE - 2 && offset + 2 <= this.size)
      return this.#view(offset).getUint16(offset % PAGE, this.littleEndian)
    const [first, second] = [this.u8(offset), this.u8(offset + 1)]
    return this.littleEndian ? first + second * 0x1_00 : second + first * 0x1_00
  }

  /** @throws {CruddurError} `ELF_INVALID` */
  u32(offset: number): number {
    if (offset % PAGE <= PAGE - 4 && offset + 4 <= this.size)
      return this.#view(offset).getUint32(offset % PAGE, this.littleEndian)
    const [first, second] = [this.u16(offset), this.u16(offset + 2)]
    return this.littleEndian ? first + second * 0x1_00_00 : second + first * 0x1_00_00
  }

  /**
   * A number as wide as an address. What is too large for a number of JavaScript is beyond the end of every file, and rounded.
   * @throws {CruddurError} `ELF_INVALID`
   */
  word(offset: number): number {
    if (this.bits === 32) return this.u32(offset)
    const [first, second] = [this.u32(offset), this.u32(offset + 4)]
    return this.littleEndian ? first + second * 0x1_0000_0000 : second + first * 0x1_0000_0000
  }

  /**
   * A name that ends with a NUL, at the latest at `end`.
   * @throws {CruddurError} `ELF_INVALID`
   */
  text(offset: number, end: number): string {
    const limit = Math.min(end, this.size, offset + LONGEST_NAME)
    const parts: Buffer[] = []
    for (let at = offset; at < limit;) {
      const page = this.#view(at)
      const inPage = at % PAGE
      const stretch = Buffer.from(page.buffer, page.byteOffset, page.byteLength).subarray(
        inPage,
        inPage + limit - at,
      )
      const zero = stretch.indexOf(0)
      parts.push(zero === -1 ? stretch : stretch.subarray(0, zero))
      this.#textLeft -= zero === -1 ? stretch.length : zero
      if (this.#textLeft < 0) throw invalidElf(this.name, 'its names are too many')
      if (zero !== -1) return Buffer.concat(parts).toString('utf8')
      at += stretch.length
    }
    throw invalidElf(this.name, 'a name in it has no end')
  }

  /** The stretch that an offset is in; the offset is within it. */
  #view(offset: number): DataView {
    if (!(offset >= 0 && offset < this.size)) throw invalidElf(this.name, 'it ends too early')
    const number = Math.floor(offset / PAGE)
    const known = this.#pages.get(number)
    if (known) return known
    const bytes = this.#source.read(number * PAGE, PAGE)
    if (bytes.length < Math.min(PAGE, this.size - number * PAGE))
      throw invalidElf(this.name, 'it became shorter while it was read')
    if (this.#pages.size === MOST_PAGES) this.#pages.clear()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#pages.set(number, view)
    return view
  }
}
