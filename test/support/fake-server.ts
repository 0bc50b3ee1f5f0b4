import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { parseConnectionUrl, type Target } from '../../src/lib/target/connection-url.ts'

/** A listener of a test's own, which says what no real server says. */
export interface FakeServer {
  port: number
  /** A target on it: user `somebody`, password `the-password`, no TLS; `parameters` goes behind the `?`. */
  target(parameters?: string): Target
  /** How many connections there have been. */
  connections(): number
}

/** Listens on a free port of 127.0.0.1 until the test is over; each connection is handed to `serve`. */
export async function fakeServer(serve: (socket: Socket) => void): Promise<FakeServer> {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((socket) => {
    count += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    target: (parameters = 'sslmode=disable') =>
      parseConnectionUrl(`postgres://somebody:the-password@127.0.0.1:${port}/app?${parameters}`),
    connections: () => count,
  }
}

/** A message of the server: type byte, length, body. */
export function serverMessage(type: string, ...body: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(body.map((part) => Buffer.from(part)))
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

/** An Authentication message: its request number, then what belongs to it. */
export function authenticationRequest(request: number, rest: Buffer | string = ''): Buffer {
  const number = Buffer.alloc(4)
  number.writeInt32BE(request)
  return serverMessage('R', number, rest)
}

/** An ErrorResponse of severity FATAL. */
export function fatal(sqlstate: string, message: string): Buffer {
  return serverMessage('E', `SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`)
}

export const AUTHENTICATION_OK = authenticationRequest(0)
export const READY = serverMessage('Z', 'I')

/** What to send, or what makes it of the bytes received. */
export type Answer = Buffer | string | ((received: Buffer) => Buffer | string)

/** Answers each thing that the client sends with the next of the answers. */
export function answering(...answers: readonly Answer[]): (socket: Socket) => void {
  return (socket) => {
    let turn = 0
    socket.on('data', (received: Buffer) => {
      const answer = answers[turn++]
      if (answer !== undefined) socket.write(typeof answer === 'function' ? answer(received) : answer)
    })
  }
}
