import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MemorySource } from '../../../../src/lib/layer/byte-source.ts'
import { checkContents } from '../../../../src/lib/layer/zip/check-zip.ts'
import {
  centralHeader,
  endRecords,
  localHeader,
  ZIP64_FROM,
} from '../../../../src/lib/layer/zip/entry-records.ts'
import { ZipArchive } from '../../../../src/lib/layer/zip/read-zip.ts'
import { writeZip, type ZipFile } from '../../../../src/lib/layer/zip/write-zip.ts'
import { requireTools } from '../../../conformance/harness/tools.ts'
import { makeZip } from '../../../support/layer/make-zip.ts'
import { missingZipTools, pythonZip, unzipTest } from '../../../support/layer/python-zip.ts'
import { requireWheels, type WheelKey } from '../../../support/layer/wheels.ts'
import { failureOf } from '../../../support/load.ts'
import { ROOT } from '../../../support/markdown.ts'
import { scriptFolder } from '../../../support/script-folder.ts'
import { smallDisk } from '../../../support/tmpfs.ts'

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const FILES: readonly ZipFile[] = [
  { name: 'python/b.py', permissions: 0o644, content: Buffer.from('print(1)\n'.repeat(50)), deflate: true },
  { name: 'python/a.so', permissions: 0o755, content: Buffer.from('\x7fELF') },
  { name: 'python/ü.txt', permissions: 0o644, content: Buffer.alloc(0) },
  { name: 'bin/run', permissions: 0o755, content: Buffer.from('#!/bin/sh\n'), deflate: true },
]

test('others read the same names, modes and bytes', async ({ skip }) => {
  requireTools(missingZipTools(), skip)
  const path = join(scriptFolder(), 'a.zip')
  const written = await writeZip(path, FILES)
  unzipTest(path)
  const date = [1980, 1, 1, 0, 0, 0]
  const expected = FILES.map((file) => {
    const content = Buffer.from('content' in file ? file.content : [])
    const mode = file.permissions === 0o755 ? '0o100755' : '0o100644'
    return { name: file.name, mode, date, size: content.length, sha256: sha256(content) }
  }).toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  expect(pythonZip(path)).toEqual(expected)
  const bytes = readFileSync(path)
  expect(written).toEqual({
    size: bytes.length,
    unzippedSize: 464,
    entries: 4,
    sha256: sha256(bytes),
    codeSha256: Buffer.from(sha256(bytes), 'hex').toString('base64'),
  })
})

const WHEELS: readonly WheelKey[] = [
  'psycopg2-binary-2.9.13-cp313-arm64',
  'pillow-13.0.0-cp313-x86_64',
  'numpy-2.5.5-cp313-x86_64',
  'pydantic-core-2.50.4-cp313-arm64',
  'cryptography-50.0.2-abi3-arm64',
  'pyarrow-26.0.1-cp313-arm64',
  'pandas-3.1.1-cp313-x86_64',
]

test.for(WHEELS)('what is copied from %s is what it has, and others agree', async (key, { skip }) => {
  requireTools(missingZipTools(), skip)
  const [wheel = ''] = await requireWheels([key], skip)
  const path = join(scriptFolder(), 'a.zip')
  const archive = ZipArchive.open(wheel)
  const files = archive.entries.filter(({ kind }) => kind === 'file')
  expect(files.length).toBeGreaterThan(5)
  await writeZip(
    path,
    files.map((entry) => ({ name: `python/${entry.name}`, permissions: 0o644, archive, entry })),
  )
  archive.close()
  unzipTest(path)
  const inWheel = pythonZip(wheel)
    .filter(({ name }) => !name.endsWith('/'))
    .map(({ name, size, sha256: digest }) => [`python/${name}`, size, digest])
  const inZip = pythonZip(path).map(({ name, size, sha256: digest }) => [name, size, digest])
  expect(inZip).toEqual(
    inWheel.toSorted(([a], [b]) => Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`))),
  )
  const copy = ZipArchive.open(path)
  await checkContents(copy)
  copy.close()
})

function moduleText(name: string): string {
  return JSON.stringify(join(ROOT, 'src/lib/layer/zip', name))
}

/** Writes a zip in a process of its own. */
function writeElsewhere(cwd: string, umask: string, TZ: string, target: string, wheel: string): void {
  const program = `
    import { ZipArchive } from ${moduleText('read-zip.ts')}
    import { writeZip } from ${moduleText('write-zip.ts')}
    process.umask(${umask})
    const archive = ZipArchive.open(${JSON.stringify(wheel)})
    const files = archive.entries.map((entry) => ({ name: entry.name, permissions: 0o644, archive, entry }))
    files.push({ name: 'own', permissions: 0o755, content: Buffer.from('own') })
    if (${umask} > 0) files.reverse()
    await writeZip(${JSON.stringify(target)}, files)`
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd,
    env: { ...process.env, TZ, LC_ALL: TZ === 'UTC' ? 'C' : 'tr_TR.UTF-8', NODE_NO_WARNINGS: '1' },
    stdio: 'pipe',
  })
}

test('the bytes are the same whatever the time, its zone, the umask, the folder and the order', () => {
  const wheel = makeZip([
    { name: 'a/B.py', content: 'x'.repeat(500), stored: true, mode: 0o600 },
    { name: 'a/b.py', content: 'y' },
    { name: 'a/é.py', content: 'z', stored: true },
    { name: 'İ.py', content: 'i', stored: true },
  ])
  const folder = scriptFolder({ '1/w.whl': wheel, '2/other/w.whl': wheel })
  utimesSync(join(folder, '2/other/w.whl'), 1e9, 1e9)
  writeElsewhere(join(folder, '1'), '0', 'UTC', join(folder, '1/a.zip'), join(folder, '1/w.whl'))
  writeElsewhere(folder, '0o77', 'Pacific/Kiritimati', join(folder, '2/b.zip'), join(folder, '2/other/w.whl'))
  const bytes = readFileSync(join(folder, '1/a.zip'))
  expect(bytes.equals(readFileSync(join(folder, '2/b.zip')))).toBe(true)
  // Stays what it is from one version to the next: layers that did not change are not published again.
  expect(sha256(bytes)).toBe('d78b86578f9ab13620d2074506951358ed75a4054d053471435c5e6ae3805e16')
})

test.for([
  ['../a', 'it leads out of the folder'],
  ['/a', 'it is absolute'],
  ['a/', 'it is a folder'],
])('the name %s is refused', async ([name = '', reason = '']) => {
  const folder = scriptFolder()
  const { code, message } = await failureOf(
    writeZip(join(folder, 'a.zip'), [{ name, permissions: 0o644, content: Buffer.alloc(0) }]),
  )
  expect(code).toBe('ZIP_NAMES_CLASH')
  expect(message).toContain(reason)
  expect(readdirSync(folder)).toEqual([])
})

test('two files of one name are refused', async () => {
  const file = { name: 'a', permissions: 0o644, content: Buffer.alloc(0) }
  const { code } = await failureOf(writeZip(join(scriptFolder(), 'a.zip'), [file, file]))
  expect(code).toBe('ZIP_NAMES_CLASH')
})

test('a zip that is copied from and damaged leaves what was there', async () => {
  const folder = scriptFolder({ 'a.zip': 'before' })
  const local = { name: Buffer.from('b') }
  const archive = new ZipArchive(new MemorySource(makeZip([{ name: 'a', content: 'x', local }])), 'w.whl')
  const files = archive.entries.map((entry) => ({ name: 'a', permissions: 0o644, archive, entry }))
  expect((await failureOf(writeZip(join(folder, 'a.zip'), files))).code).toBe('ZIP_INVALID')
  expect(readdirSync(folder)).toEqual(['a.zip'])
  expect(readFileSync(join(folder, 'a.zip'), 'utf8')).toBe('before')
})

test('an encrypted entry is not copied', async () => {
  const flags = { flags: 1 }
  const archive = new ZipArchive(
    new MemorySource(makeZip([{ name: 'a', content: 'x', local: flags, directory: flags }])),
    'w.whl',
  )
  const files = archive.entries.map((entry) => ({ name: 'a', permissions: 0o644, archive, entry }))
  expect((await failureOf(writeZip(join(scriptFolder(), 'a.zip'), files))).code).toBe('ZIP_UNSUPPORTED')
})

test('Ctrl-C leaves nothing behind', async () => {
  const folder = scriptFolder()
  const controller = new AbortController()
  const files = ['a', 'b', 'c'].map((name) => ({
    name,
    permissions: 0o644,
    content: Buffer.alloc(6_000_000),
  }))
  const onBytes = (done: number) => {
    if (done > 10_000_000) controller.abort()
  }
  const { code } = await failureOf(
    writeZip(join(folder, 'a.zip'), files, { signal: controller.signal, onBytes }),
  )
  expect(code).toBe('INTERRUPTED')
  expect(readdirSync(folder)).toEqual([])
})

test('a full disk is told, and nothing is left on it', async ({ skip }) => {
  const folder = smallDisk(5_000_000, skip)
  const { code, message } = await failureOf(
    writeZip(join(folder, 'a.zip'), [{ name: 'a', permissions: 0o644, content: Buffer.alloc(20_000_000) }]),
  )
  expect(code).toBe('ZIP_NOT_WRITTEN')
  expect(message).toContain('the disk is full')
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that does not exist is told, and a folder in the way', async () => {
  const folder = scriptFolder()
  mkdirSync(join(folder, 'a.zip'))
  for (const path of [join(folder, 'none/a.zip'), join(folder, 'a.zip')])
    expect((await failureOf(writeZip(path, FILES))).code).toBe('ZIP_NOT_WRITTEN')
  expect(readdirSync(folder)).toEqual(['a.zip'])
})

test('the fields for large zips are right, used where they need not be', async ({ skip }) => {
  requireTools(missingZipTools(), skip)
  const path = join(scriptFolder(), 'a.zip')
  const [plain, large] = [path.replace('a.zip', 'plain.zip'), path]
  await writeZip(plain, FILES)
  await writeZip(large, FILES, { zip64From: { bytes: 100, entries: 2 } })
  unzipTest(large)
  expect(pythonZip(large)).toEqual(pythonZip(plain))
  const archive = ZipArchive.open(large)
  await checkContents(archive)
  expect(archive.entries.map(({ name }) => name)).toEqual(pythonZip(plain).map(({ name }) => name))
  archive.close()
})

test('more than 65,535 entries', async ({ skip }) => {
  requireTools(missingZipTools(), skip)
  const path = join(scriptFolder(), 'a.zip')
  const content = Buffer.from('x')
  const files = Array.from({ length: 65_600 }, (_, index) => ({
    name: `f/${index}`,
    permissions: 0o644,
    content,
  }))
  await writeZip(path, files)
  unzipTest(path)
  const archive = ZipArchive.open(path)
  expect(archive.entries).toHaveLength(65_600)
  archive.close()
  expect(pythonZip(path)).toHaveLength(65_600)
})

test('an entry behind 5 GB, and one that has as much', ({ skip }) => {
  requireTools(missingZipTools(), skip)
  // The file has a hole where the first entry's content is, so it takes no room.
  const path = join(scriptFolder(), 'a.zip')
  const size = 5_000_000_000
  const common = { mode: 0o100_644, method: 0 }
  const hole = { ...common, name: Buffer.from('hole'), crc32: 0, size, compressedSize: size, offset: 0 }
  const first = localHeader(hole, ZIP64_FROM)
  const second = {
    ...common,
    name: Buffer.from('second'),
    crc32: 0x8cdc1683,
    size: 1,
    compressedSize: 1,
    offset: first.length + size,
  }
  const directory = [hole, second].map((entry) => centralHeader(entry, ZIP64_FROM))
  const tail = Buffer.concat([localHeader(second, ZIP64_FROM), Buffer.from('x')])
  const start = second.offset + tail.length
  const length = Buffer.concat(directory).length
  const descriptor = openSync(path, 'w')
  writeSync(descriptor, first, 0, first.length, 0)
  ftruncateSync(descriptor, second.offset)
  const end = Buffer.concat([tail, ...directory, endRecords(2, start, length, ZIP64_FROM)])
  writeSync(descriptor, end, 0, end.length, second.offset)
  closeSync(descriptor)
  const archive = ZipArchive.open(path)
  expect(archive.entries.map((entry) => [entry.name, entry.size, entry.offset])).toEqual([
    ['hole', size, 0],
    ['second', 1, first.length + size],
  ])
  const last = archive.find('second')
  expect(last && archive.content(last).toString()).toBe('x')
  archive.close()
  const listed = execFileSync('unzip', ['-p', path, 'second'], { encoding: 'utf8' })
  expect(listed).toBe('x')
})

test('what is there already is replaced only by the whole', async () => {
  const folder = scriptFolder({ 'a.zip': 'before' })
  const path = join(folder, 'a.zip')
  let seen = ''
  await writeZip(path, FILES, { onBytes: () => (seen = readFileSync(path, 'utf8')) })
  expect(seen).toBe('before')
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK')
})
