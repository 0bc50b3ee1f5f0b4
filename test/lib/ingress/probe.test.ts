import { once } from 'node:events'
import { createServer, Socket, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { InterruptedError } from '../../../src/lib/errors.ts'
import { probe } from '../../../src/lib/ingress/probe.ts'
import { freePort } from '../../support/free-port.ts'

/** In milliseconds, longer than a test may take. */
const NEVER = 600_000

/** A firewall that drops what comes: a socket that begins no connection. */
const dropped = () => new Socket()

test('a connection that can be made is closed at once', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const closed = once(server, 'connection').then(([socket]) => once((socket as Socket).resume(), 'close'))
  const { port } = server.address() as AddressInfo
  expect(await probe({ host: '127.0.0.1', port }, NEVER)).toBeUndefined()
  await closed
})

test('one that is refused, or has no host, says so', async () => {
  expect(await probe({ host: '127.0.0.1', port: await freePort() }, NEVER)).toBe('ECONNREFUSED')
  expect(await probe({ host: 'no.such.host.invalid', port: 5432 }, NEVER)).toMatch(/^ENOTFOUND$|^EAI_AGAIN$/)
})

test('one that nobody answers is given up when the time is over', async () => {
  expect(await probe({ host: 'db', port: 5432 }, 20, { dial: dropped })).toBe('ETIMEDOUT')
})

test('Ctrl-C ends it', async () => {
  const abort = new AbortController()
  const probing = probe({ host: 'db', port: 5432 }, NEVER, { dial: dropped, signal: abort.signal })
  abort.abort()
  await expect(probing).rejects.toThrow(InterruptedError)
  const late = probe({ host: 'db', port: 5432 }, NEVER, { dial: dropped, signal: abort.signal })
  await expect(late).rejects.toThrow(InterruptedError)
})
