import { expect, test } from 'vitest'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { checkContents } from '../../../../src/lib/layer/zip/check-zip.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { type MadeEntry, makeZip } from '../../../support/layer/make-zip.ts'
import { failureOf } from '../../../support/load.ts'

function open(entries: readonly MadeEntry[]): ZipArchive {
  return new ZipArchive(new MemorySource(makeZip(entries)), 'a.zip')
}

/** A wrong CRC in both places, so that only the content can tell. */
const WRONG = { crc32: 1 }

test('a zip is as it was packed, small entries and large ones', async () => {
  const large = Buffer.alloc(40_000_000, 'large')
  const entries = ['a', 'b', 'c'].map((name) => ({ name, content: large }))
  await checkContents(open([...entries, { name: 'd', content: 'small' }, { name: 'e/', stored: true }]))
})

test.for([
  ['small', 10],
  ['on a thread', 1_000_000],
  ['large', 34_000_000],
] as const)('one wrong entry among many is found: %s', async ([, size]) => {
  const many = Array.from({ length: 50 }, (_, index) => ({ name: `f/${index}`, content: 'x'.repeat(index) }))
  const wrong = { name: 'wrong', content: Buffer.alloc(size), local: WRONG, directory: WRONG }
  const { code, message } = await failureOf(checkContents(open([...many, wrong, { name: 'last' }])))
  expect(code).toBe('ZIP_INVALID')
  expect(message).toContain('"wrong"')
})

test('what is beyond all bounds together is not begun', async () => {
  const content = Buffer.alloc(240_000)
  // Each says what its bytes could just be.
  const size = { size: 240_000_000 }
  const entries = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    name,
    content,
    stored: true,
    local: { ...size, method: 8 },
    directory: { ...size, method: 8 },
  }))
  expect((await failureOf(checkContents(open(entries)))).code).toBe('ZIP_TOO_LARGE')
})

test('Ctrl-C ends it', async () => {
  const controller = new AbortController()
  controller.abort()
  expect((await failureOf(checkContents(open([{ name: 'a' }]), controller.signal))).code).toBe('INTERRUPTED')
})
