import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openScript, type ScriptFile } from '../../../src/lib/script/source.ts'
import { failureOf } from '../../support/load.ts'
import { readAll, readText } from '../../support/read-script.ts'
import { scriptFolder } from '../../support/script-folder.ts'

function openFile(content: string | Buffer, name = 'script.sql'): Promise<ScriptFile> {
  const folder = scriptFolder({ [name]: content })
  return openScript(join(folder, name), name, folder)
}

test('a script can be read as often as needed', async () => {
  const file = await openFile('SELECT 1;')
  expect([await readText(file), await readText(file)]).toEqual(['SELECT 1;', 'SELECT 1;'])
})

test('a large script arrives whole', async () => {
  const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => `SELECT ${index};\n`).join(''))
  expect((await readAll(await openFile(content))).equals(content)).toBe(true)
})

test('an empty script is one', async () => {
  expect(await readText(await openFile(''))).toBe('')
})

test('what is reported as read adds up to the size of the file', async () => {
  const file = await openFile('x'.repeat(1_000_000))
  let reported = 0
  const reader = file.read((bytes) => (reported += bytes))
  while (await reader.next());
  await reader.close()
  expect([reported, file.size]).toEqual([1_000_000, 1_000_000])
})

test.for(['script.sql', 'script.sql.gz', 'script'])('gzip is known by its content: %s', async (name) => {
  expect(await readText(await openFile(gzipSync('SELECT 1;'), name))).toBe('SELECT 1;')
})

test('a name that ends in .gz does not make it gzip', async () => {
  expect(await readText(await openFile('SELECT 1;', 'script.sql.gz'))).toBe('SELECT 1;')
})

test('several gzip members are one text', async () => {
  const members = Buffer.concat([gzipSync('SELECT 1;'), gzipSync(''), gzipSync('SELECT 2;')])
  expect(await readText(await openFile(members))).toBe('SELECT 1;SELECT 2;')
})

test('zeros behind gzip data are padding', async () => {
  const padded = Buffer.concat([gzipSync('SELECT 1;'), Buffer.alloc(512)])
  expect(await readText(await openFile(padded))).toBe('SELECT 1;')
})

test('what is reported as read of a compressed file is its size on disk', async () => {
  const content = gzipSync(Buffer.alloc(5_000_000, 'SELECT 1;\n'))
  const file = await openFile(content)
  let reported = 0
  const reader = file.read((bytes) => (reported += bytes))
  while (await reader.next());
  await reader.close()
  expect([reported, file.size]).toEqual([content.length, content.length])
})

const COMPRESSED = gzipSync(Array.from({ length: 20_000 }, (_, index) => `SELECT ${index};`).join(''))

test.for<[string, Buffer]>([
  ['cut off', COMPRESSED.subarray(0, -100)],
  ['cut off within the checksum', COMPRESSED.subarray(0, -2)],
  ['cut off behind the first member', Buffer.concat([COMPRESSED, COMPRESSED.subarray(0, 20)])],
  ['with a byte changed', Buffer.from(COMPRESSED).fill(0xff, 5000, 5001)],
  ['with a wrong checksum', Buffer.from(COMPRESSED).fill(0, COMPRESSED.length - 8, COMPRESSED.length - 4)],
])('gzip data that is %s is damaged', async ([, content]) => {
  const error = await failureOf(openFile(content).then(readAll))
  expect(error).toMatchObject({ code: 'DAMAGED_FILE', kind: 'failed' })
})

test('what is no gzip behind gzip data makes it damaged', async () => {
  const error = await failureOf(openFile(Buffer.concat([COMPRESSED, Buffer.from('SELECT 2;')])).then(readAll))
  expect(error.code).toBe('DAMAGED_FILE')
})

test.for<[string, Buffer]>([
  ['pg_dump archive', Buffer.from('PGDMP\u0001\u000e\u0000', 'latin1')],
  ['UTF-16', Buffer.from('\ufeffSELECT 1;', 'utf16le')],
  ['UTF-16', Buffer.from('\ufeffSELECT 1;', 'utf16le').swap16()],
  ['zip', Buffer.from('PK\u0003\u0004rest', 'latin1')],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0])],
  ['bzip2', Buffer.from('BZh91AY')],
])('%s is told apart from a script', async ([what, content]) => {
  const error = await failureOf(openFile(content))
  expect(error).toMatchObject({ code: 'NOT_A_SCRIPT', kind: 'usage' })
  expect(error.message).toContain(what)
})

test.for([
  ['missing', 'no-such.sql', 'does not exist'],
  ['a folder', '.', 'is a directory'],
  ['below a file', 'script.sql/x', 'a part of its path is a file'],
])('a script that is %s is not readable', async ([, name = '', reason]) => {
  const folder = scriptFolder({ 'script.sql': '' })
  const error = await failureOf(openScript(join(folder, name), name, folder))
  expect(error).toMatchObject({ code: 'SCRIPT_NOT_READABLE', kind: 'usage' })
  expect(error.message).toContain(reason)
})

test('a script that this user may not read is not readable', async () => {
  const folder = scriptFolder({ 'script.sql': '' })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'script.sql'), 0)
  const error = await asNobody(() => failureOf(openScript(join(folder, 'script.sql'), 'script.sql', folder)))
  expect(error.message).toContain('may not be read by this user')
})

/** Root may read everything, so for a moment it is somebody else. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.('nobody')
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}
