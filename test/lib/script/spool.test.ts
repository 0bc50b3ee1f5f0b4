import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openData, openScript, spool } from '../../../src/lib/script/source.ts'
import { feedFifo, holdFifo, makeFifo } from '../../support/fifo.ts'
import { failureOf } from '../../support/load.ts'
import { readText } from '../../support/read-script.ts'
import { scriptFolder } from '../../support/script-folder.ts'
import { smallDisk } from '../../support/tmpfs.ts'

/** A stream that gives the chunks and then goes on for ever. */
function endless(...chunks: readonly string[]): Readable {
  const stream = new Readable({ read: () => undefined })
  for (const chunk of chunks) stream.push(chunk)
  return stream
}

test('a stream can be read as often as a file', async () => {
  const file = await spool(Readable.from(['SELECT', ' 1;']), '<stdin>', scriptFolder())
  expect([await readText(file), await readText(file)]).toEqual(['SELECT 1;', 'SELECT 1;'])
})

test('a compressed stream is unpacked', async () => {
  const file = await spool(Readable.from([gzipSync('SELECT 1;')]), '<stdin>', scriptFolder())
  expect(await readText(file)).toBe('SELECT 1;')
})

test('an empty stream is an empty script', async () => {
  expect(await readText(await spool(Readable.from([]), '<stdin>', scriptFolder()))).toBe('')
})

test('what is kept of a stream is open to nobody else', async () => {
  const folder = scriptFolder()
  await spool(Readable.from(['SELECT 1;']), '<stdin>', folder)
  const modes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    (statSync(join(folder, name)).mode & 0o777).toString(8),
  )
  expect(modes).toEqual(['700', '600'])
})

test('what is kept of a stream is removed when it is closed', async () => {
  const folder = scriptFolder()
  const file = await spool(Readable.from(['SELECT 1;']), '<stdin>', folder)
  await file.close()
  expect(readdirSync(folder)).toEqual([])
})

test('a stream that is no script leaves nothing behind', async () => {
  const folder = scriptFolder()
  const error = await failureOf(spool(Readable.from(['PGDMP']), '<stdin>', folder))
  expect([error.code, readdirSync(folder)]).toEqual(['NOT_A_SCRIPT', []])
})

test('a stream that breaks leaves nothing behind', async () => {
  const folder = scriptFolder()
  const stream = endless('SELECT 1;')
  const spooling = failureOf(spool(stream, '<stdin>', folder))
  await expect.poll(() => readdirSync(folder, { recursive: true })).toHaveLength(2)
  stream.destroy(new Error('the line is dead'))
  const error = await spooling
  expect(error.code).toBe('SCRIPT_NOT_READABLE')
  expect(error.message).toContain('the line is dead')
  expect(readdirSync(folder)).toEqual([])
})

test('a stream that does not end is given up on request, and leaves nothing behind', async () => {
  const folder = scriptFolder()
  const abort = new AbortController()
  const spooling = failureOf(spool(endless('SELECT 1;'), '<stdin>', folder, abort.signal))
  await expect.poll(() => readdirSync(folder)).toHaveLength(1)
  abort.abort()
  expect((await spooling).code).toBe('INTERRUPTED')
  expect(readdirSync(folder)).toEqual([])
})

test('a folder in the place of a stream is not readable', async () => {
  const error = await failureOf(spool(createReadStream('/'), '<stdin>', scriptFolder()))
  expect(error).toMatchObject({ code: 'SCRIPT_NOT_READABLE', kind: 'usage' })
})

test('without a folder for it, a stream cannot be kept', async () => {
  const error = await failureOf(spool(Readable.from(['SELECT 1;']), '<stdin>', '/no/such/folder'))
  expect(error).toMatchObject({ code: 'SPOOL_FAILED', kind: 'failed' })
})

test('when the disk is full that is said, and room is made', async ({ skip }) => {
  const folder = smallDisk(1024 * 1024, skip)
  const stream = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(64 * 1024, 'x')))
  const error = await failureOf(spool(stream, '<stdin>', folder))
  expect(error).toMatchObject({ code: 'SPOOL_FAILED', kind: 'failed' })
  expect(error.message).toContain('the disk is full')
  expect(readdirSync(folder)).toEqual([])
})

test('a named pipe is read once and kept', async () => {
  const folder = scriptFolder()
  const fifo = makeFifo(folder)
  const [file] = await Promise.all([openScript(fifo, 'pipe', folder), feedFifo(fifo, 'SELECT', ' 1;')])
  expect([await readText(file), await readText(file)]).toEqual(['SELECT 1;', 'SELECT 1;'])
})

test('a named pipe with data is read once and kept', async () => {
  const folder = scriptFolder()
  const fifo = makeFifo(folder)
  const [file] = await Promise.all([openData(fifo, 'pipe', folder), feedFifo(fifo, 'PGDMP', '\n')])
  expect([await readText(file), await readText(file)]).toEqual(['PGDMP\n', 'PGDMP\n'])
})

test('a named pipe that nobody closes is given up on request', async () => {
  const folder = scriptFolder()
  const fifo = makeFifo(folder)
  const handle = await holdFifo(fifo)
  const abort = new AbortController()
  const opening = failureOf(openScript(fifo, 'pipe', folder, abort.signal))
  await expect.poll(() => readdirSync(folder)).toHaveLength(2)
  abort.abort()
  expect((await opening).code).toBe('INTERRUPTED')
  expect(readdirSync(folder)).toEqual(['pipe'])
  await handle.close()
})
