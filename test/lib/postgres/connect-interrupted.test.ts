import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { connect, type ConnectOptions } from '../../../src/lib/postgres/connect.ts'
import { parseConnectionUrl, type Target } from '../../../src/lib/target/connection-url.ts'
import { authenticationRequest, fakeServer, fatal } from '../../support/fake-server.ts'
import { freePort } from '../../support/free-port.ts'
import { failureOf } from '../../support/load.ts'
import { withProxy } from '../../support/proxy.ts'
import { expectNoSessions } from '../../support/unchanged.ts'

/** Stands where a promise has not yet said how to resolve it. */
const NOTHING = (): void => undefined

const INTERRUPTED = { code: 'INTERRUPTED', kind: 'interrupted' }

/** Interrupts a connection that is being made once `reached` resolves; what it is worth is that it ends at once. */
async function interrupt(target: Target, reached: Promise<unknown>, options: ConnectOptions = {}) {
  const abort = new AbortController()
  const failure = failureOf(connect(target, { ...options, signal: abort.signal, wait: 3_600_000 }))
  await reached
  abort.abort()
  return failure
}

/** Where a server may leave us waiting: what it does with what it has received. */
const STANDSTILLS: readonly (readonly [string, string, (socket: Socket, turn: number) => boolean])[] = [
  ['the answer about TLS', 'sslmode=require', () => true],
  [
    'the TLS handshake',
    'sslmode=require',
    (socket, turn) => {
      if (turn === 0) socket.write('S')
      return turn === 1
    },
  ],
  ['the answer to the start-up message', 'sslmode=disable', () => true],
  [
    'the answer after we declined to go without TLS',
    'sslmode=prefer',
    (socket, turn) => {
      if (turn === 0) socket.write('N')
      return turn === 1
    },
  ],
  [
    'the verdict about the password',
    'sslmode=disable',
    (socket, turn) => {
      if (turn === 0) socket.write(authenticationRequest(3))
      return turn === 1
    },
  ],
]

test.each(STANDSTILLS)('while it waits for %s', async (_, parameters, serve) => {
  let reach = NOTHING
  let closed: Promise<unknown> = Promise.resolve()
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const server = await fakeServer((socket) => {
    let turn = 0
    closed = once(socket, 'close')
    socket.on('data', () => {
      if (serve(socket, turn++)) reach()
    })
  })
  expect(await interrupt(server.target(`${parameters}&connect_timeout=600`), reached)).toMatchObject(
    INTERRUPTED,
  )
  // The server is not left with a connection that nobody wants.
  await closed
  expect(server.connections()).toBe(1)
})

test('before it begins', async () => {
  const server = await fakeServer(() => undefined)
  const options = { signal: AbortSignal.abort() }
  expect(await failureOf(connect(server.target(), options))).toMatchObject(INTERRUPTED)
  expect(server.connections()).toBe(0)
})

test('between two attempts, when nobody listens', async () => {
  const target = parseConnectionUrl(`postgres://me@127.0.0.1:${await freePort()}/app`)
  expect(await interrupt(target, pause(100))).toMatchObject(INTERRUPTED)
})

test('between two attempts, when the server is starting', async () => {
  const server = await fakeServer((socket) => {
    socket.once('data', () => socket.end(fatal('57P03', 'the database system is starting up')))
  })
  const twice = expect.poll(() => server.connections()).toBeGreaterThan(1)
  expect(await interrupt(server.target(), twice)).toMatchObject(INTERRUPTED)
  const before = server.connections()
  await pause(400)
  expect(server.connections()).toBe(before)
})

test('while it waits for what the session is to begin with: when that is done, no session begins', async () => {
  let received = 0
  const server = await fakeServer((socket) => socket.on('data', (bytes) => (received += bytes.length)))
  let done = NOTHING
  const startWhen = new Promise<void>((resolve) => {
    done = resolve
  })
  const connected = expect.poll(() => server.connections()).toBe(1)
  const failure = interrupt(server.target(), connected, { startWhen })
  await connected
  await pause(50)
  done()
  expect(await failure).toMatchObject(INTERRUPTED)
  expect(received).toBe(0)
})

test('on a slow link to a real server, which is left without a session', async () => {
  const url = inject('serverUrl')
  await withProxy(url, { delay: 200 }, async (slow, proxy) => {
    const sent = expect.poll(() => proxy.clientBytes).toBeGreaterThan(0)
    expect(await interrupt(parseConnectionUrl(slow), sent)).toMatchObject(INTERRUPTED)
  })
  await expectNoSessions(url)
})
