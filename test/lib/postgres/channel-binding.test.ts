import { afterAll, beforeAll, expect, test } from 'vitest'
import { TEST_MAJOR } from '../../support/major.ts'
import { outcomeOf, TlsServer } from '../../support/tls-server.ts'
import { startTlsInterceptor } from '../../support/tls-interceptor.ts'

/** First version that can bind SCRAM to the channel; libpq's documentation, "channel_binding". */
const BINDS = TEST_MAJOR >= 11

let tls: TlsServer

beforeAll(async () => {
  tls = await TlsServer.start()
})
afterAll(() => tls?.stop())

test.each([
  ['disable', 'TLS'],
  ['prefer', 'TLS'],
  ['require', BINDS ? 'TLS' : 'AUTHENTICATION_FAILED'],
])('channel_binding=%s over TLS', async (binding, outcome) => {
  const parameters = `sslmode=require&channel_binding=${binding}`
  expect(await outcomeOf(tls.url('by_password', parameters))).toBe(outcome)
  expect(await outcomeOf(tls.url('by_password', `${parameters}&password=wrong`))).toBe(
    outcome === 'TLS' ? 'WRONG_PASSWORD' : outcome,
  )
})

test.each([
  ['disable', 'TLS'],
  ['prefer', BINDS ? 'AUTHENTICATION_FAILED' : 'TLS'],
  ['require', 'AUTHENTICATION_FAILED'],
])('somebody in the middle with a certificate of their own, channel_binding=%s', async (binding, outcome) => {
  const certificate = await tls.files.certificate({ commonName: 'localhost', signedBy: 'other' })
  const port = await startTlsInterceptor(tls.server, certificate)
  const url = new URL(tls.url('by_password', `sslmode=require&channel_binding=${binding}`))
  url.port = String(port)
  expect(await outcomeOf(url.href)).toBe(outcome)
})

test.each([['-sha256'], ['-sha384'], ['-sha512']])(
  'the hash of the certificate follows its signature: %s',
  async (signature) => {
    const certificate = await tls.files.certificate({
      commonName: 'localhost',
      signedBy: 'trusted',
      signature: [signature],
    })
    await tls.present(certificate)
    const parameters = `sslmode=require&channel_binding=${BINDS ? 'require' : 'prefer'}`
    expect(await outcomeOf(tls.url('by_password', parameters))).toBe('TLS')
  },
)
