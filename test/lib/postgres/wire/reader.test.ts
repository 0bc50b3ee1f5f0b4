import { expect, test } from 'vitest'
import { MessageReader, readString } from '../../../../src/lib/postgres/wire/reader.ts'
import { serverMessage } from '../../../support/fake-server.ts'

/** Pushes the chunks and gives each message as `TYPE:body`. */
function read(...chunks: readonly Buffer[]): string[] {
  const reader = new MessageReader()
  const messages: string[] = []
  for (const chunk of chunks)
    reader.push(chunk, (type, buffer, start, end) =>
      messages.push(`${String.fromCharCode(type)}:${buffer.toString('latin1', start, end)}`),
    )
  return messages
}

const STREAM = Buffer.concat([
  serverMessage('Z', 'I'),
  serverMessage('1'),
  serverMessage('D', 'some data \0\0\0\0\u0001'),
  serverMessage('C', 'x'.repeat(300)),
])
const MESSAGES = ['Z:I', '1:', 'D:some data \0\0\0\0\u0001', `C:${'x'.repeat(300)}`]

test('messages in one chunk are told apart', () => {
  expect(read(STREAM)).toEqual(MESSAGES)
})

test('messages that are cut in two, wherever, are put together', () => {
  for (let at = 0; at <= STREAM.length; at++)
    expect(read(STREAM.subarray(0, at), STREAM.subarray(at))).toEqual(MESSAGES)
})

test('messages that are cut in three, wherever, are put together', () => {
  const short = STREAM.subarray(0, 40)
  for (let a = 0; a <= short.length; a++)
    for (let b = a; b <= short.length; b++)
      expect(read(short.subarray(0, a), short.subarray(a, b), STREAM.subarray(b))).toEqual(MESSAGES)
})

test('messages that come byte by byte are put together', () => {
  expect(read(...Array.from(STREAM, (_, at) => STREAM.subarray(at, at + 1)))).toEqual(MESSAGES)
})

test('a message is handed on only when it is there as a whole', () => {
  expect(read(STREAM.subarray(0, -1))).toEqual(MESSAGES.slice(0, -1))
})

test('a body of many chunks is put together', () => {
  const body = Buffer.alloc(1_000_000, 'ab')
  const message = serverMessage('d', body)
  const chunks = Array.from({ length: 1000 }, (_, at) => message.subarray(at * 1001, (at + 1) * 1001))
  expect(read(...chunks)).toEqual([`d:${body.toString('latin1')}`])
})

test.each([0, 1, 3])('a length of %i, less than its own four bytes, is refused', (length) => {
  const message = Buffer.from('Z....more')
  message.writeInt32BE(length, 1)
  expect(() => read(message)).toThrow('length')
})

test('a length beyond the limit is refused at its header, before the body is waited for', () => {
  const reader = new MessageReader()
  reader.limit = 100
  const header = Buffer.from('E....')
  header.writeInt32BE(101, 1)
  expect(() => reader.push(header, () => undefined)).toThrow('length')
})

test('a text is read up to its zero byte', () => {
  expect(readString(Buffer.from('abc\0def\0'), 4)).toEqual(['def', 8])
})

test('a text without its zero byte is refused', () => {
  expect(() => readString(Buffer.from('abc'), 0)).toThrow('zero byte')
})
