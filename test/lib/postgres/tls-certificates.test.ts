import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { failureOf } from '../../support/load.ts'
import { scriptFolder } from '../../support/script-folder.ts'
import type { CertificateFiles, CertificateOptions } from '../../support/tls-files.ts'
import { outcomeOf, TlsServer } from '../../support/tls-server.ts'

let tls: TlsServer

beforeAll(async () => {
  tls = await TlsServer.start()
})
afterAll(() => tls?.stop())

const verified = (mode: string) => `sslmode=${mode}&sslrootcert=${tls.files.path('trusted.crt')}`

const LOCAL = { commonName: 'localhost', names: ['DNS:localhost', 'IP:127.0.0.1'], signedBy: 'trusted' }

/** Certificates that a server may present, and what each mode makes of them. */
const CERTIFICATES: readonly {
  what: string
  made: CertificateOptions
  outcome: readonly [require: string, verifyCa: string, verifyFull: string]
  message: string | undefined
}[] = [
  { what: 'the right one', made: LOCAL, outcome: ['TLS', 'TLS', 'TLS'], message: undefined },
  {
    what: 'that of another authority',
    made: { ...LOCAL, signedBy: 'other' },
    outcome: ['TLS', 'TLS_CERTIFICATE', 'TLS_CERTIFICATE'],
    message: 'is not signed by a trusted root',
  },
  {
    what: 'one that it signed itself',
    made: { ...LOCAL, signedBy: 'self' },
    outcome: ['TLS', 'TLS_CERTIFICATE', 'TLS_CERTIFICATE'],
    message: 'is signed by itself, not by a trusted root',
  },
  {
    what: 'one made out to another name',
    made: { ...LOCAL, commonName: 'elsewhere', names: ['DNS:elsewhere.example'] },
    outcome: ['TLS', 'TLS', 'TLS_CERTIFICATE'],
    message: 'is made out to another name',
  },
  {
    what: 'one that has expired',
    made: { ...LOCAL, days: -1 },
    outcome: ['TLS', 'TLS_CERTIFICATE', 'TLS_CERTIFICATE'],
    message: 'has expired',
  },
]

describe.each(CERTIFICATES)('where the server presents $what', ({ made, outcome, message }) => {
  beforeAll(async () => tls.present(await tls.files.certificate(made)))

  test('each mode makes of it what it should, and says why', async () => {
    expect([
      await outcomeOf(tls.url('postgres', 'sslmode=require')),
      await outcomeOf(tls.url('postgres', verified('verify-ca'))),
      await outcomeOf(tls.url('postgres', verified('verify-full'))),
    ]).toEqual(outcome)
    // libpq keeps this for clients of old: with a root at hand, require verifies.
    expect(await outcomeOf(tls.url('postgres', verified('require')))).toBe(outcome[1])
    expect(await outcomeOf(tls.url('postgres', verified('prefer')))).toBe('TLS')
    const target = parseConnectionUrl(tls.url('postgres', verified('verify-full')))
    const error = await connect(target).then(
      (connection) => connection.close(),
      (thrown: Error) => thrown,
    )
    expect(error?.message).toBe(message && `The certificate of 127.0.0.1:${tls.server.port} ${message}.`)
  })
})

test('a name counts for the host by which one connects', async () => {
  await tls.present(await tls.files.certificate({ ...LOCAL, names: ['DNS:localhost'] }))
  const outcome = (host: string) => outcomeOf(tls.url('postgres', verified('verify-full'), host))
  expect(await outcome('localhost')).toBe('TLS')
  expect(await outcome('127.0.0.1')).toBe('TLS_CERTIFICATE')
})

test('without alternative names the common name counts', async () => {
  await tls.present(await tls.files.certificate({ commonName: 'localhost', signedBy: 'trusted' }))
  expect(await outcomeOf(tls.url('postgres', verified('verify-full'), 'localhost'))).toBe('TLS')
})

const client = (files: Partial<CertificateFiles>) =>
  [
    'sslmode=require',
    ...(files.certificate ? [`sslcert=${files.certificate}`] : []),
    ...(files.key ? [`sslkey=${files.key}`] : []),
  ].join('&')
const made = (commonName: string, signedBy = 'trusted') => tls.files.certificate({ commonName, signedBy })

describe('a certificate of the client', () => {
  test('lets in whom it is made out to', async () => {
    const files = await made('by_certificate')
    expect(await outcomeOf(tls.url('by_certificate', client(files)))).toBe('TLS')
    expect(await outcomeOf(tls.url('with_certificate', client(files)))).toBe('TLS')
    expect(await outcomeOf(tls.url('by_certificate', client(await made('somebody'))))).toBe('LOGIN_REFUSED')
    expect(await outcomeOf(tls.url('with_certificate', client(await made('somebody'))))).toBe('TLS')
  })

  test('is asked for where it is missing', async () => {
    const error = await failureOf(connect(parseConnectionUrl(tls.url('with_certificate', 'sslmode=require'))))
    expect(error).toMatchObject({ code: 'CLIENT_CERTIFICATE', kind: 'unreachable' })
    expect(error.hint).toContain('sslcert')
  })

  test('of another authority is refused as such', async () => {
    const files = await made('by_certificate', 'other')
    const error = await failureOf(connect(parseConnectionUrl(tls.url('by_certificate', client(files)))))
    expect(error).toMatchObject({ code: 'CLIENT_CERTIFICATE', kind: 'unreachable' })
  })

  test('that cannot be used is a mistake in the URL', async () => {
    const [files, others] = [await made('by_certificate'), await made('by_certificate')]
    const folder = scriptFolder({ 'no.key': 'not a key' })
    const locked = join(folder, 'locked.key')
    execFileSync('openssl', ['ec', '-in', files.key, '-aes256', '-passout', 'pass:secret', '-out', locked], {
      stdio: 'pipe',
    })
    const { certificate } = files
    for (const wrong of [
      { certificate },
      { key: files.key },
      { certificate, key: others.key },
      { certificate, key: locked },
      { certificate, key: join(folder, 'no.key') },
      { certificate: join(folder, 'no.key'), key: files.key },
      { certificate: '/nowhere', key: files.key },
    ]) {
      const error = await failureOf(connect(parseConnectionUrl(tls.url('by_certificate', client(wrong)))))
      expect(error).toMatchObject({ kind: 'usage', code: 'CLIENT_CERTIFICATE' })
      expect(error.hint).toMatch(/sslcert|sslkey/)
    }
  })
})
