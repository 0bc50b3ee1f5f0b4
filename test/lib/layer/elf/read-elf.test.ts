import { expect, test } from 'vitest'
import { CruddurError } from '../../../../src/lib/errors.ts'
import { type ByteSource, MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { readElf } from '../../../../src/lib/layer/elf/read-elf.ts'
import { caught } from '../../../support/layer/caught.ts'
import { type ElfOptions, makeElf } from '../../../support/layer/make-elf.ts'
import { SeededRandom } from '../../../support/seeded-random.ts'

const EVERYTHING: ElfOptions = {
  needed: ['libpq-1.so.5', 'libc.so.6'],
  soname: 'libthis.so.1',
  rpath: '$ORIGIN/../this.libs',
  runpath: '$ORIGIN',
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  versionNeeds: [
    {
      library: 'libc.so.6',
      versions: [
        { name: 'GLIBC_2.17', weak: false },
        { name: 'GLIBC_2.34', weak: true },
      ],
    },
    { library: 'libz.so.1', versions: [{ name: 'ZLIB_1.2.9', weak: false }] },
  ],
  versionDefinitions: [
    { name: 'libthis.so.1', base: true, parents: [] },
    { name: 'THIS_1', base: false, parents: [] },
    { name: 'THIS_2', base: false, parents: ['THIS_1'] },
  ],
}

const LAYOUTS = [
  { bits: 64, littleEndian: true },
  { bits: 64, littleEndian: false },
  { bits: 32, littleEndian: true },
  { bits: 32, littleEndian: false },
] as const

test.for(LAYOUTS)('everything is read: $bits bits, little endian $littleEndian', (layout) => {
  const { needed, soname, rpath, runpath, interpreter, versionNeeds, versionDefinitions } = EVERYTHING
  expect(readElf(makeElf({ ...EVERYTHING, ...layout, machine: 183 }))).toMatchObject({
    ...layout,
    machine: 183,
    type: 'shared',
    dynamic: true,
    needed,
    soname,
    rpath,
    runpath,
    interpreter,
    versionNeeds,
    versionDefinitions,
  })
})

test('a file that asks for nothing has nothing', () => {
  const elf = readElf(makeElf())
  expect(elf).toMatchObject({ needed: [], versionNeeds: [], versionDefinitions: [], dynamic: true })
  expect(elf?.soname).toBeUndefined()
  expect(elf?.rpath).toBeUndefined()
})

test('a segment is told with what its alignment is judged by', () => {
  const [segment] = readElf(makeElf({ align: 0x1000, misaligned: true }))?.loadSegments ?? []
  expect(segment).toMatchObject({ offset: 0, address: 0x800, align: 0x1000 })
})

test('what is no ELF file is none, and no error', () => {
  for (const text of ['', '\x7f', '\x7fEL', '#!/bin/sh\n', 'PK\x03\x04', '!<arch>\n'])
    expect(readElf(Buffer.from(text, 'latin1'))).toBeUndefined()
})

/** Counts what is read. */
class Counting implements ByteSource {
  bytes = 0
  readonly #inner: MemorySource
  readonly size: number

  constructor(bytes: Buffer) {
    this.#inner = new MemorySource(bytes)
    this.size = bytes.length
  }

  read(offset: number, length: number): Buffer {
    const bytes = this.#inner.read(offset, length)
    this.bytes += bytes.length
    return bytes
  }

  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    return this.#inner.readInto(target, start, offset, length)
  }
}

test('of a large file only some kilobytes are read', () => {
  const source = new Counting(Buffer.concat([makeElf(EVERYTHING), Buffer.alloc(10_000_000)]))
  expect(readElf(source)?.soname).toBe('libthis.so.1')
  expect(source.bytes).toBeLessThan(40_000)
})

test('a file that is cut off anywhere is an error or is none: never a wrong answer', () => {
  const whole = makeElf(EVERYTHING)
  for (let length = 4; length < whole.length; length++) {
    const { code, message } = caught(() => readElf(whole.subarray(0, length), 'lib.so'))
    expect(code).toBe('ELF_INVALID')
    expect(message).toContain('"lib.so"')
  }
})

/** Offsets of numbers in a 64-bit header, program headers and all: what a hostile file would change. */
const HOSTILE: readonly (readonly [what: string, change: (bytes: Buffer) => void])[] = [
  ['program headers beyond the end', (bytes) => bytes.writeBigUInt64LE(0xffff_ffff_ffff_fff0n, 32)],
  ['65535 program headers', (bytes) => bytes.writeUInt16LE(0xffff, 56)],
  ['program headers of no size', (bytes) => bytes.writeUInt16LE(0, 54)],
  ['a segment beyond the end', (bytes) => bytes.writeBigUInt64LE(1n << 62n, 64 + 32)],
  ['a class that is none', (bytes) => bytes.writeUInt8(9, 4)],
  ['a byte order that is none', (bytes) => bytes.writeUInt8(0, 5)],
]

test.for(HOSTILE)('%s', ([, change]) => {
  const bytes = makeElf(EVERYTHING)
  change(bytes)
  expect(caught(() => readElf(bytes)).code).toBe('ELF_INVALID')
})

test('lists of versions that never end are ended', () => {
  // Each library has 65,535 versions by its count, and each leads to the next by one byte.
  const library = { library: 'libc.so.6', versions: [{ name: 'GLIBC_2.17', weak: false }] }
  const bytes = makeElf({ versionNeeds: Array.from({ length: 2000 }, () => library) })
  const start = 64 + 56 * 2
  for (let at = start; at < start + 2000 * 32; at += 32) {
    bytes.writeUInt16LE(0xffff, at + 2)
    bytes.writeUInt32LE(1, at + 16 + 12)
  }
  expect(caught(() => readElf(bytes)).code).toBe('ELF_INVALID')
})

test.for([1, 2, 3, 4])('damaged bytes give an error or an answer, seed %i', (seed) => {
  const random = new SeededRandom(seed)
  const layouts = LAYOUTS.map((layout) => makeElf({ ...EVERYTHING, ...layout }))
  let refused = 0
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(random.pick(layouts))
    for (let flips = 1 + random.below(6); flips > 0; flips--)
      bytes.writeUInt8(
        random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]),
        4 + random.below(bytes.length - 4),
      )
    try {
      const elf = readElf(random.below(4) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes)
      // Whatever it says, it says no more than there are bytes.
      expect(JSON.stringify(elf ?? {}).length).toBeLessThan(100_000)
    } catch (error) {
      if (!(error instanceof CruddurError)) throw error
      expect(error.code).toBe('ELF_INVALID')
      refused += 1
    }
  }
  expect(refused).toBeGreaterThan(500)
})
