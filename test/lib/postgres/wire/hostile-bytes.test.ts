import { expect, test } from 'vitest'
import { connect } from '../../../../src/lib/postgres/connect.ts'
import type { Connection } from '../../../../src/lib/postgres/connection.ts'
import { query } from '../../../../src/lib/postgres/query.ts'
import {
  answering,
  AUTHENTICATION_OK,
  fakeServer,
  fatal,
  READY,
  serverMessage,
} from '../../../support/fake-server.ts'

/** The header of a message that says it is so long. */
function header(type: string, length: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.write(type, 'latin1')
  bytes.writeInt32BE(length, 1)
  return bytes
}

test.each<[string, string | Buffer]>([
  ['that of a web server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['that of a mail server', '220 mail.example.com ESMTP\r\n'],
  ['that of MySQL', Buffer.from('4a0000000a382e302e333600', 'hex')],
  ['a TLS alert', Buffer.from('15030100020228', 'hex')],
  ['zeros', Buffer.alloc(100)],
  ['random bytes', Buffer.from('c3f1a7290b5ed8114402fe9a6d30c85177b2', 'hex')],
  ['a message of length 0', header('R', 0)],
  ['a message of length 3', header('R', 3)],
  ['a message of length -1', header('R', -1)],
  ['a message of 2 GiB', header('R', 0x7fffffff)],
  ['an error of 30 kB', header('E', 30_001)],
  ['an authentication request without its number', serverMessage('R')],
  ['an error without an end', serverMessage('E', 'SFATAL\0C28000\0Mnever ends')],
  ['an error that is one letter', serverMessage('E', 'S')],
  ['a row of data', serverMessage('D', '\0\0')],
  ['a setting before it has let us in', serverMessage('S', 'server_version\x0017\0')],
  ['ready, without having let us in', READY],
])('an answer that is %s is not that of PostgreSQL', async (_, answer) => {
  const server = await fakeServer(answering(answer))
  await expect(connect(server.target())).rejects.toMatchObject({
    code: 'NOT_POSTGRES',
    kind: 'unreachable',
    message: `What listens on 127.0.0.1:${server.port} does not answer as a PostgreSQL server does.`,
  })
})

test('a server that greets before it is asked is not PostgreSQL either', async () => {
  const server = await fakeServer((socket) => void socket.write('220 ready\r\n'))
  for (const mode of ['disable', 'prefer', 'require'])
    await expect(connect(server.target(`sslmode=${mode}`))).rejects.toMatchObject({ code: 'NOT_POSTGRES' })
})

test.each([
  ['a setting without an end', serverMessage('S', 'server_version')],
  ['a key that is too short', serverMessage('K', 'ab')],
])('%s, after it has let us in, ends the attempt', async (_, message) => {
  const server = await fakeServer(answering(Buffer.concat([AUTHENTICATION_OK, message, READY])))
  await expect(connect(server.target())).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' })
})

test('settings may be long once it has let us in', async () => {
  const setting = serverMessage('S', `search_path\0${'x'.repeat(100_000)}\0`)
  const server = await fakeServer(answering(Buffer.concat([AUTHENTICATION_OK, setting, READY])))
  const connection = await connect(server.target())
  expect(connection.parameters.get('search_path')).toHaveLength(100_000)
  await connection.close()
})

test.each<[string, string | Buffer]>([
  ['nothing', ''],
  ['half a message', header('R', 8)],
  ['a notice', serverMessage('N', 'SNOTICE\0Mgoing\0\0')],
])('a server that says %s and closes is not there yet, maybe', async (_, answer) => {
  const server = await fakeServer((socket) => socket.once('data', () => socket.end(answer)))
  await expect(connect(server.target())).rejects.toMatchObject({
    code: 'CONNECTION_CLOSED',
    kind: 'unreachable',
  })
})

test.each(['disable', 'prefer', 'require'])('so is one that closes at once (sslmode=%s)', async (mode) => {
  const server = await fakeServer((socket) => void socket.end())
  await expect(connect(server.target(`sslmode=${mode}`))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
})

test.each(['disable', 'prefer', 'require'])('and one that breaks off (sslmode=%s)', async (mode) => {
  const server = await fakeServer((socket) => void socket.resetAndDestroy())
  await expect(connect(server.target(`sslmode=${mode}`))).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
})

/** A session with a server that answers a query with these bytes. */
async function session(answer: Buffer): Promise<Connection> {
  const server = await fakeServer(answering(Buffer.concat([AUTHENTICATION_OK, READY]), answer))
  return connect(server.target())
}

test.each([
  ['columns that are not there', serverMessage('T', Buffer.from([0x7f, 0xff]))],
  ['a row that is not there', serverMessage('D', Buffer.from([0x7f, 0xff]))],
  ['an error without an end', serverMessage('E', 'SERROR\0Mnever ends')],
  ['a message of length 0', header('D', 0)],
])('%s in the middle of a session end it, and only it', async (_, answer) => {
  const connection = await session(answer)
  await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({
    code: 'PROTOCOL_VIOLATION',
    kind: 'unreachable',
  })
  expect(connection.alive).toBe(false)
  await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' })
})

test('the last words of a server that goes are passed on', async () => {
  const server = await fakeServer((socket) => {
    const end = () => socket.end(fatal('57P01', 'terminating connection due to administrator command'))
    const letIn = () => socket.write(Buffer.concat([AUTHENTICATION_OK, READY])) && socket.once('data', end)
    socket.once('data', letIn)
  })
  const connection = await connect(server.target())
  await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    message: expect.stringContaining('last words: terminating connection due to administrator command'),
  })
})
