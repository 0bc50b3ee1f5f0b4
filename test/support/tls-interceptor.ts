import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { SSL_REQUEST } from '../../src/lib/postgres/wire/messages.ts'
import type { CertificateFiles } from './tls-files.ts'

/**
 * Somebody between client and server who ends the client's TLS with a certificate of their own and begins another one
 * with the server, until the test is over.
 * @returns the port of 127.0.0.1 where they listen
 */
export async function startTlsInterceptor(
  server: { host: string; port: number },
  certificate: CertificateFiles,
): Promise<number> {
  const cert = readFileSync(certificate.certificate)
  const key = readFileSync(certificate.key)
  const sockets: Socket[] = []
  const listener = createServer((client) => {
    sockets.push(client)
    void intercept(client, server, { cert, key }).catch(() => client.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  return (listener.address() as AddressInfo).port
}

async function intercept(
  client: Socket,
  server: { host: string; port: number },
  own: { cert: Buffer; key: Buffer },
): Promise<void> {
  const upstream = connectTcp(server)
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
  await once(client, 'data')
  upstream.write(SSL_REQUEST)
  await once(upstream, 'data')
  const outer = connectTls({ socket: upstream, rejectUnauthorized: false })
  await once(outer, 'secureConnect')
  const inner = new TLSSocket(client, { isServer: true, ...own })
  for (const socket of [inner, outer]) socket.on('error', () => client.destroy())
  client.write('S')
  inner.pipe(outer).pipe(inner)
}
