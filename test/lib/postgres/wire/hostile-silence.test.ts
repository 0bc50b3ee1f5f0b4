import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../../src/lib/postgres/connect.ts'
import { answering, AUTHENTICATION_OK, fakeServer, serverMessage } from '../../../support/fake-server.ts'
import { ScramServer } from '../../../support/scram-server.ts'

/** Servers that say something, or nothing, and then no more. */
const SERVERS: readonly (readonly [string, string, (socket: Socket) => void])[] = [
  ['at the very beginning', 'sslmode=disable', answering()],
  ['when it is asked for TLS', 'sslmode=prefer', answering()],
  ['in the middle of TLS', 'sslmode=require', answering('S')],
  ['after it has declined TLS', 'sslmode=prefer', answering('N')],
  ['in the middle of authentication', 'sslmode=disable', answering(ScramServer.offer('SCRAM-SHA-256'))],
  ['after it has let us in', 'sslmode=disable', answering(AUTHENTICATION_OK)],
  ['in the middle of a message', 'sslmode=disable', answering('R\0\0')],
]

/** Sends notices for ever. */
function chatter(socket: Socket): void {
  const notices = Buffer.concat(Array.from({ length: 1000 }, () => serverMessage('N', 'SNOTICE\0Mhello\0\0')))
  const send = () => {
    while (!socket.destroyed && socket.write(notices));
  }
  socket.on('drain', send)
  socket.once('data', send)
}

describe.each([...SERVERS, ['but for chatter', 'sslmode=disable', chatter] as const])(
  'a server that is silent %s',
  (_, parameters, serve) => {
    test('is given up when the time is over', async () => {
      const server = await fakeServer(serve)
      const target = { ...server.target(parameters), connectTimeout: 150 }
      await expect(connect(target)).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT', kind: 'unreachable' })
    })

    test('is given up when the caller gives up', async () => {
      const abort = new AbortController()
      const server = await fakeServer((socket) => {
        serve(socket)
        setTimeout(() => abort.abort(), 50)
      })
      const attempt = connect(server.target(parameters), { signal: abort.signal })
      await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED', kind: 'interrupted' })
    })
  },
)

test('the connection is closed when the time is over', async () => {
  let closed: Promise<unknown> | undefined
  const server = await fakeServer((socket) => {
    closed = new Promise((resolve) => socket.once('close', resolve))
    socket.resume()
  })
  await expect(connect({ ...server.target(), connectTimeout: 200 })).rejects.toThrow('did not answer within')
  await closed
})

test('nothing is tried when the caller has given up before', async () => {
  const server = await fakeServer(answering())
  await expect(connect(server.target(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(server.connections()).toBe(0)
})
