import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ByteSource, FileSource, MemorySource } from '../../../src/lib/layer/byte-source.ts'
import { caught } from '../../support/layer/caught.ts'
import { scriptFolder } from '../../support/script-folder.ts'

const BYTES = Buffer.from('0123456789')

const SOURCES: readonly (readonly [string, () => ByteSource])[] = [
  ['a file', () => new FileSource(join(scriptFolder({ file: BYTES }), 'file'))],
  ['memory', () => new MemorySource(BYTES)],
  ['a part of a larger buffer', () => new MemorySource(Buffer.from('xx0123456789yy').subarray(2, 12))],
]

test.for(SOURCES)('%s', ([, open]) => {
  const source = open()
  expect(source.size).toBe(10)
  expect(source.read(2, 3).toString()).toBe('234')
  expect(source.read(8, 5).toString()).toBe('89')
  expect(source.read(20, 5)).toHaveLength(0)
  expect(source.read(0, 1e15).toString()).toBe('0123456789')
  const target = Buffer.from('..........')
  expect(source.readInto(target, 4, 7, 3)).toBe(3)
  expect(target.toString()).toBe('....789...')
  expect(source.readInto(target, 0, 9, 4)).toBe(1)
  source.close?.()
})

test('what is no file, or not there, is told at once: a pipe is not waited for', () => {
  const folder = scriptFolder()
  execFileSync('mkfifo', [join(folder, 'pipe')])
  for (const [path, reason] of [
    [join(folder, 'none'), 'it does not exist'],
    [folder, 'it is not a file'],
    [join(folder, 'pipe'), 'it is not a file'],
  ] as const) {
    const { code, message } = caught(() => new FileSource(path))
    expect(code).toBe('FILE_NOT_READABLE')
    expect(message).toBe(`"${path}" cannot be read: ${reason}.`)
  }
})

test('a file that has been closed is not read, and may be closed again', () => {
  const source = new FileSource(join(scriptFolder({ file: BYTES }), 'file'))
  source.close()
  source.close()
  expect(caught(() => source.read(0, 1)).code).toBe('FILE_NOT_READABLE')
})
