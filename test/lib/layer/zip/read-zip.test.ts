import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { CruddurError } from '../../../../src/lib/errors.ts'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { checkContents } from '../../../../src/lib/layer/zip/check-zip.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { caught } from '../../../support/layer/caught.ts'
import { type MadeEntry, makeEnd, makeZip } from '../../../support/layer/make-zip.ts'
import { failureOf } from '../../../support/load.ts'
import { scriptFolder } from '../../../support/script-folder.ts'
import { SeededRandom } from '../../../support/seeded-random.ts'

function open(bytes: Buffer): ZipArchive {
  return new ZipArchive(new MemorySource(bytes), 'a.zip')
}

function entry(archive: ZipArchive, name: string) {
  const found = archive.find(name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** Opens a zip with these entries and reads all of them. */
function readAll(entries: readonly MadeEntry[]): Record<string, string> {
  const archive = open(makeZip(entries))
  return Object.fromEntries(archive.entries.map((one) => [one.name, archive.content(one).toString()]))
}

test('entries, stored and deflated, with names, sizes and modes', () => {
  const archive = open(
    makeZip(
      [
        { name: 'a.py', content: 'print(1)\n'.repeat(100), mode: 0o100_600 },
        { name: 'b/', mode: 0o040_755, stored: true },
        { name: 'b/日本.txt', content: 'hello', stored: true, mode: 0o755 },
        { name: 'link', content: 'a.py', mode: 0o120_777 },
        { name: 'pipe', mode: 0o010_644 },
        { name: 'dos', content: 'x' },
      ],
      'a comment',
    ),
  )
  expect(archive.entries.map(({ name, kind, permissions, size }) => [name, kind, permissions, size])).toEqual(
    [
      ['a.py', 'file', 0o600, 900],
      ['b/', 'folder', 0o755, 0],
      ['b/日本.txt', 'file', 0o755, 5],
      ['link', 'link', 0o777, 4],
      ['pipe', 'special', 0o644, 0],
      ['dos', 'file', undefined, 1],
    ],
  )
  expect(archive.content(entry(archive, 'a.py')).toString()).toBe('print(1)\n'.repeat(100))
  expect(archive.content(entry(archive, 'b/日本.txt')).toString()).toBe('hello')
  expect(archive.content(entry(archive, 'b/'))).toHaveLength(0)
})

test('the beginning of an entry takes only the beginning', () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251))
  const archive = open(makeZip([{ name: 'a', content }, { name: 'b', content, stored: true }, { name: 'c' }]))
  for (const name of ['a', 'b'])
    expect(archive.beginning(entry(archive, name), 64)).toEqual(content.subarray(0, 64))
  expect(archive.beginning(entry(archive, 'c'), 64)).toHaveLength(0)
})

test('names without the flag for UTF-8 are in code page 437', () => {
  const name = Buffer.from([0x81, 0x2e, 0x70, 0x79])
  const given = { name, flags: 0 }
  expect(readAll([{ name: 'x', content: '1', directory: given, local: given }])).toEqual({ 'ü.py': '1' })
})

test('on Unix they are in UTF-8 where they can be', () => {
  const local = { flags: 0 }
  const made = [
    { name: 'ü.py', content: '1', mode: 0o644, local, directory: local },
    {
      name: 'x',
      content: '2',
      mode: 0o644,
      local: { name: Buffer.from([0x81]) },
      directory: { name: Buffer.from([0x81]) },
    },
  ]
  expect(readAll(made)).toEqual({ 'ü.py': '1', ü: '2' })
})

test('sizes that follow the data are taken from the directory', () => {
  const local = { flags: 8, size: 0, compressedSize: 0, crc32: 0 }
  expect(readAll([{ name: 'x', content: 'late', local, directory: { flags: 8 } }])).toEqual({ x: 'late' })
})

test('a zip without entries has none', () => {
  expect(open(makeZip([])).entries).toEqual([])
})

test('a path that cannot be read', () => {
  const folder = scriptFolder()
  for (const path of [join(folder, 'none.zip'), folder])
    expect(caught(() => ZipArchive.open(path)).code).toBe('FILE_NOT_READABLE')
})

test('a file is closed when it is not a zip, and read where it is one', () => {
  const folder = scriptFolder({ 'no.zip': 'PK', 'yes.zip': makeZip([{ name: 'a', content: 'b' }]) })
  expect(caught(() => ZipArchive.open(join(folder, 'no.zip'))).code).toBe('ZIP_INVALID')
  const archive = ZipArchive.open(join(folder, 'yes.zip'))
  expect(archive.content(entry(archive, 'a')).toString()).toBe('b')
  archive.close()
})

test('a file that is replaced by a shorter one while it is read', () => {
  const folder = scriptFolder({ 'a.zip': makeZip([{ name: 'a', content: 'b'.repeat(1000), stored: true }]) })
  const archive = ZipArchive.open(join(folder, 'a.zip'))
  writeFileSync(join(folder, 'a.zip'), 'PK')
  expect(caught(() => archive.content(entry(archive, 'a'))).code).toBe('ZIP_INVALID')
  archive.close()
})

/** Zips that say something that is not so, or must not be. */
const HOSTILE: readonly (readonly [what: string, entries: readonly MadeEntry[]])[] = [
  ['leads out of the folder', [{ name: '../a' }]],
  ['an absolute name', [{ name: '/a' }]],
  ['a backslash', [{ name: 'a\\b' }]],
  ['a drive', [{ name: 'c:/a' }]],
  ['a NUL', [{ name: 'a\0b' }]],
  ['a name twice', [{ name: 'a' }, { name: 'a' }]],
  ['a file that is a folder', [{ name: 'a' }, { name: 'a/b' }]],
  ['a name that is not UTF-8', [{ name: 'a', directory: { name: Buffer.from([0xff]), flags: 0x800 } }]],
  ['another name in front of the data', [{ name: 'a', local: { name: Buffer.from('b') } }]],
  ['another size in front of the data', [{ name: 'a', content: 'x', local: { size: 7 } }]],
  ['another method in front of the data', [{ name: 'a', content: 'x', local: { method: 0 } }]],
  ['another CRC in front of the data', [{ name: 'a', content: 'x', local: { crc32: 7 } }]],
  ['a wrong CRC', [{ name: 'a', content: 'x', local: { crc32: 7 }, directory: { crc32: 7 } }]],
  ['a size that is too small', [{ name: 'a', content: 'xy', local: { size: 1 }, directory: { size: 1 } }]],
  ['a size that is too large', [{ name: 'a', content: 'xy', local: { size: 3 }, directory: { size: 3 } }]],
  ['data beyond the directory', [{ name: 'a', directory: { compressedSize: 1000 } }]],
  ['an offset beyond the end', [{ name: 'a', directory: { offset: 0x7fff_ffff } }]],
  [
    'two entries with the same data',
    [
      { name: 'a', content: 'x' },
      { name: 'b', directory: { offset: 0 } },
    ],
  ],
  [
    'a size that no deflate can reach',
    [{ name: 'a', local: { size: 100_000_000 }, directory: { size: 100_000_000 } }],
  ],
  ['a stored entry of two sizes', [{ name: 'a', stored: true, local: { size: 9 }, directory: { size: 9 } }]],
  ['no place for what is large', [{ name: 'a', directory: { size: 0xffff_ffff } }]],
  [
    'something that is no deflate',
    [
      {
        name: 'a',
        content: 'no deflate',
        stored: true,
        local: { method: 8 },
        directory: { method: 8 },
      },
    ],
  ],
]

test.for(HOSTILE)('%s', ([, entries]) => {
  const { code, message } = caught(() => readAll(entries))
  expect(code).toBe('ZIP_INVALID')
  expect(message).toContain('"a.zip"')
})

test('entries are told apart by the header in front of them, when a name is one byte longer there', () => {
  const made = makeZip([{ name: 'a', content: 'x', local: { extra: Buffer.alloc(60) } }])
  const archive = open(made)
  expect(archive.content(entry(archive, 'a')).toString()).toBe('x')
})

test.for([
  ['encrypted', { flags: 1 }],
  ['a method that is not supported', { method: 12 }],
] as const)('%s', ([, fields]) => {
  expect(caught(() => readAll([{ name: 'a', content: 'x', local: fields, directory: fields }])).code).toBe(
    'ZIP_UNSUPPORTED',
  )
})

test('what the caller cannot bear is not unpacked', () => {
  const archive = open(makeZip([{ name: 'bomb', content: Buffer.alloc(5_000_000) }]))
  expect(caught(() => archive.content(entry(archive, 'bomb'), 4_999_999)).code).toBe('ZIP_ENTRY_TOO_LARGE')
  expect(archive.content(entry(archive, 'bomb'), 5_000_000)).toHaveLength(5_000_000)
})

test('a bomb that hides its size is ended at the size it tells', async () => {
  const content = Buffer.alloc(50_000_000)
  const lie = { size: 60_000 }
  const archive = open(makeZip([{ name: 'bomb', content, local: lie, directory: lie }]))
  const before = process.memoryUsage().arrayBuffers
  expect(caught(() => archive.content(entry(archive, 'bomb'))).code).toBe('ZIP_INVALID')
  expect((await failureOf(archive.contentLater(entry(archive, 'bomb')))).code).toBe('ZIP_INVALID')
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
})

test('something behind the deflate stream is not overlooked', () => {
  const content = Buffer.concat([deflateRawSync('x'), Buffer.from('hidden')])
  const truth = { method: 8, size: 1, crc32: 0x8cdc1683 }
  const archive = open(makeZip([{ name: 'a', content, stored: true, local: truth, directory: truth }]))
  expect(caught(() => archive.content(entry(archive, 'a'))).code).toBe('ZIP_INVALID')
})

test.for([
  ['something in front', Buffer.concat([Buffer.from('#!/bin/sh\n'), makeZip([{ name: 'a' }])])],
  ['something behind', Buffer.concat([makeZip([{ name: 'a' }]), Buffer.from('x')])],
  ['nothing at all', Buffer.alloc(0)],
  ['more entries than there are', makeEnd(3, 0, 0)],
  ['a directory beyond the end', makeEnd(1, 46, 1000)],
  ['65535 entries in no bytes', makeEnd(0xffff, 0, 0)],
] as const)('%s', ([, bytes]) => {
  expect(caught(() => open(bytes)).code).toBe('ZIP_INVALID')
})

test('a zip cut off anywhere is an error', () => {
  const whole = makeZip([
    { name: 'a', content: 'x' },
    { name: 'b', content: 'y' },
  ])
  for (let length = 0; length < whole.length; length++)
    expect(caught(() => open(whole.subarray(0, length))).code).toBe('ZIP_INVALID')
})

const SOUND = makeZip([
  { name: 'python/a.py', content: 'print(1)\n'.repeat(40), mode: 0o100_644 },
  { name: 'python/b/日本.so', content: '\x7fELF'.repeat(90), stored: true, mode: 0o100_755 },
  { name: 'python/c/', mode: 0o040_755 },
  { name: 'bin/d', content: 'later', local: { flags: 8, size: 0, compressedSize: 0, crc32: 0 } },
])
const CONTENTS = new Set(['print(1)\n'.repeat(40), '\x7fELF'.repeat(90), '', 'later'])

test.for([1, 2, 3, 4])('damaged bytes give an error or what was packed, seed %i', async (seed) => {
  const random = new SeededRandom(seed)
  const end = SOUND.length - 22
  let refused = 0
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(SOUND)
    for (let flips = 1 + random.below(4); flips > 0; flips--) {
      // Mostly where the records are: damaged data is found by the CRC.
      const at =
        random.below(3) === 0 ? random.below(bytes.length) : end - random.below(260) + random.below(22)
      bytes.writeUInt8(random.pick([0, 1, 8, 0x7f, 0xff, random.below(256)]), at)
    }
    const given = random.below(5) === 0 ? bytes.subarray(random.below(20), random.below(bytes.length)) : bytes
    try {
      const archive = open(given)
      for (const one of archive.entries) {
        expect(CONTENTS).toContain(archive.content(one).toString('latin1'))
        archive.beginning(one, 10)
      }
      await checkContents(archive)
    } catch (error) {
      if (!(error instanceof CruddurError)) throw error
      expect(['ZIP_INVALID', 'ZIP_UNSUPPORTED', 'ZIP_ENTRY_TOO_LARGE']).toContain(error.code)
      refused += 1
    }
  }
  expect(refused).toBeGreaterThan(300)
  expect(refused).toBeLessThan(3000)
})
