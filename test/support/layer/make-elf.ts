import type { VersionDefinition, VersionNeed } from '../../../src/lib/layer/elf/elf-file.ts'

/** What an ELF file that is made for a test says; everything has a usual value. */
export interface ElfOptions {
  bits?: 32 | 64
  littleEndian?: boolean
  /** 62 x86-64 (usual), 183 AArch64. */
  machine?: number
  needed?: readonly string[]
  soname?: string
  rpath?: string
  runpath?: string
  interpreter?: string
  versionNeeds?: readonly VersionNeed[]
  versionDefinitions?: readonly VersionDefinition[]
  /** Alignment of the one segment; with `misaligned` its address is off by half of that. */
  align?: number
  misaligned?: boolean
}

/**
 * Makes a shared library that has nothing but headers, a dynamic section and versions: enough for who reads it, not for who
 * loads it.
 */
export function makeElf(options: ElfOptions = {}): Buffer {
  const { bits = 64, littleEndian = true, machine = 62, align = 0x1000 } = options
  const numbers = writers(bits, littleEndian)
  const { u8, u16, u32, word } = numbers
  const strings = new Strings()
  const word8 = bits / 8
  const interpreter = options.interpreter === undefined ? undefined : Buffer.from(`${options.interpreter}\0`)
  const headerCount = interpreter ? 3 : 2
  const [headerSize, entrySize] = bits === 64 ? [64, 56] : [52, 32]
  const needs = versionNeeds(numbers, strings, options.versionNeeds ?? [])
  const definitions = versionDefinitions(numbers, strings, options.versionDefinitions ?? [])
  const named: [number, number][] = []
  for (const name of options.needed ?? []) named.push([1, strings.add(name)])
  if (options.soname !== undefined) named.push([14, strings.add(options.soname)])
  if (options.rpath !== undefined) named.push([15, strings.add(options.rpath)])
  if (options.runpath !== undefined) named.push([29, strings.add(options.runpath)])

  const base = options.misaligned === true ? align / 2 : 0
  const needsAt = headerSize + entrySize * headerCount + (interpreter?.length ?? 0)
  const definitionsAt = needsAt + needs.length
  const stringsAt = definitionsAt + definitions.length
  const dynamicAt = stringsAt + strings.bytes.length
  const entries: [number, number][] = [
    ...named,
    [5, base + stringsAt],
    [10, strings.bytes.length],
    ...((needs.length > 0
      ? [
          [0x6fff_fffe, base + needsAt],
          [0x6fff_ffff, options.versionNeeds?.length],
        ]
      : []) as [number, number][]),
    ...((definitions.length > 0
      ? [
          [0x6fff_fffc, base + definitionsAt],
          [0x6fff_fffd, options.versionDefinitions?.length],
        ]
      : []) as [number, number][]),
    [0, 0],
  ]
  const dynamic = Buffer.concat(entries.flatMap(([tag, value]) => [word(tag), word(value)]))
  const size = dynamicAt + dynamic.length
  const header = (type: number, offset: number, length: number, alignment: number) =>
    Buffer.concat(
      bits === 64
        ? [u32(type), u32(6), ...[offset, base + offset, base + offset, length, length, alignment].map(word)]
        : [u32(type), ...[offset, base + offset, base + offset, length, length, 6, alignment].map(word)],
    )
  const interpreterAt = headerSize + entrySize * headerCount
  return Buffer.concat([
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits / 32, littleEndian ? 1 : 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    u16(3),
    u16(machine),
    u32(1),
    word(0),
    word(headerSize),
    word(0),
    u32(0),
    ...[headerSize, entrySize, headerCount, 0, 0, 0].map(u16),
    header(1, 0, size, align),
    ...(interpreter ? [header(3, interpreterAt, interpreter.length, 1)] : []),
    header(2, dynamicAt, dynamic.length, word8),
    interpreter ?? u8([]),
    needs,
    definitions,
    strings.bytes,
    dynamic,
  ])
}

/** A table of names: one after the other, each ends with a NUL. */
class Strings {
  bytes = Buffer.from([0])

  add(name: string): number {
    const at = this.bytes.length
    this.bytes = Buffer.concat([this.bytes, Buffer.from(`${name}\0`)])
    return at
  }
}

type Numbers = ReturnType<typeof writers>

/** Numbers as bytes, in the word size and byte order of a file. */
function writers(bits: 32 | 64, littleEndian: boolean) {
  const ordered = (bytes: Buffer) => (littleEndian ? bytes : Buffer.from(bytes.toReversed()))
  const number = (length: number) => (value: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return ordered(bytes.subarray(0, length))
  }
  return {
    u8: (values: number[]) => Buffer.from(values),
    u16: number(2),
    u32: number(4),
    word: number(bits / 8),
  }
}

function versionNeeds({ u16, u32 }: Numbers, strings: Strings, needs: readonly VersionNeed[]): Buffer {
  return Buffer.concat(
    needs.flatMap(({ library, versions }, index) => {
      const next = index === needs.length - 1 ? 0 : 16 * (1 + versions.length)
      return [
        u16(1),
        u16(versions.length),
        u32(strings.add(library)),
        u32(16),
        u32(next),
        ...versions.flatMap(({ name, weak }, at) => [
          u32(0),
          u16(weak ? 2 : 0),
          u16(at + 2),
          u32(strings.add(name)),
          u32(at === versions.length - 1 ? 0 : 16),
        ]),
      ]
    }),
  )
}

function versionDefinitions(
  { u16, u32 }: Numbers,
  strings: Strings,
  definitions: readonly VersionDefinition[],
): Buffer {
  return Buffer.concat(
    definitions.flatMap(({ name, base, parents }, index) => {
      const names = [name, ...parents]
      const next = index === definitions.length - 1 ? 0 : 20 + 8 * names.length
      return [
        u16(1),
        u16(base ? 1 : 0),
        u16(index + 1),
        u16(names.length),
        u32(0),
        u32(20),
        u32(next),
        ...names.flatMap((one, at) => [u32(strings.add(one)), u32(at === names.length - 1 ? 0 : 8)]),
      ]
    }),
  )
}
