import { mkdirSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, machineTlsSources } from '../../../src/lib/postgres/connect.ts'
import { parseConnectionUrl } from '../../../src/lib/target/connection-url.ts'
import { failureOf } from '../../support/load.ts'
import { TEST_MAJOR } from '../../support/major.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { scriptFolder } from '../../support/script-folder.ts'
import { outcomeOf, poolOutcomeOf, TlsServer } from '../../support/tls-server.ts'

let tls: TlsServer
let plain: PostgresServer

beforeAll(async () => {
  tls = await TlsServer.start()
  plain = await startPostgres({
    major: TEST_MAJOR,
    hba: ['hostssl all only_tls all trust', 'host all only_tls all reject'],
  })
})
afterAll(async () => {
  await tls?.stop()
  await plain?.stop()
})

describe('what comes of sslmode', () => {
  // libpq's documentation, "SSL Support", table 32.1, and what pg_hba.conf makes of it; the library's pool does the same
  test.each([
    ['disable', 'plain', 'plain', 'HBA_REFUSED', 'plain'],
    ['allow', 'plain', 'plain', 'TLS', 'plain'],
    ['prefer', 'TLS', 'plain', 'TLS', 'plain'],
    ['require', 'TLS', 'TLS_NOT_OFFERED', 'TLS', 'HBA_REFUSED'],
    ['verify-ca', 'TLS', 'TLS_NOT_OFFERED', 'TLS', 'HBA_REFUSED'],
    ['verify-full', 'TLS', 'TLS_NOT_OFFERED', 'TLS', 'HBA_REFUSED'],
  ])('%s', async (mode, withTls, without, hostssl, hostnossl) => {
    const root = mode.startsWith('verify') ? `&sslrootcert=${tls.files.path('trusted.crt')}` : ''
    const parameters = `sslmode=${mode}${root}`
    const outcomes = {
      withTls: await outcomeOf(tls.url('postgres', parameters)),
      without: await outcomeOf(`${plain.url}?${parameters}`),
      hostssl: await outcomeOf(tls.url('only_tls', parameters)),
      hostnossl: await outcomeOf(tls.url('only_plain', parameters)),
    }
    expect(outcomes).toEqual({ withTls, without, hostssl, hostnossl })
    expect({
      withTls: await poolOutcomeOf(tls.url('postgres', parameters)),
      without: await poolOutcomeOf(`${plain.url}?${parameters}`),
      hostssl: await poolOutcomeOf(tls.url('only_tls', parameters)),
      hostnossl: await poolOutcomeOf(tls.url('only_plain', parameters)),
    }).toEqual(outcomes)
  })

  test('none means prefer', async () => {
    expect(await outcomeOf(tls.url('postgres', ''))).toBe('TLS')
    expect(await outcomeOf(plain.url)).toBe('plain')
    expect(await outcomeOf(tls.url('only_plain', ''))).toBe('plain')
  })
})

test('a server that demands TLS is named as such, and how to ask for it', async () => {
  const error = await failureOf(connect(parseConnectionUrl(tls.url('only_tls', 'sslmode=disable'))))
  expect(error.message).toContain('lets user "only_tls" into "postgres" without TLS')
  expect(error.hint).toContain('sslmode=require')
})

test('where neither way leads in, the first refusal is told, not that there is no TLS', async () => {
  for (const mode of ['allow', 'prefer']) {
    const target = parseConnectionUrl(`postgres://only_tls@127.0.0.1:${plain.port}/postgres?sslmode=${mode}`)
    expect(await failureOf(connect(target))).toMatchObject({ code: 'HBA_REFUSED' })
  }
})

describe('roots', () => {
  test.each([
    ['verify-ca', '', 'NO_ROOT_CERTIFICATE'],
    ['verify-full', '', 'TLS_CERTIFICATE'],
    ['require', '', 'TLS'],
    ['verify-ca', 'system', 'NO_ROOT_CERTIFICATE'],
    ['require', 'system', 'NO_ROOT_CERTIFICATE'],
    ['verify-full', 'system', 'TLS_CERTIFICATE'],
    ['verify-full', '/nowhere/root.crt', 'NO_ROOT_CERTIFICATE'],
    ['verify-full', import.meta.filename, 'NO_ROOT_CERTIFICATE'],
  ])('%s with %j gives %s', async (mode, root, outcome) => {
    const parameters = `sslmode=${mode}${root ? `&sslrootcert=${root}` : ''}`
    expect(await outcomeOf(tls.url('postgres', parameters))).toBe(outcome)
  })

  test("libpq's own file for them counts where none is named, even for require", async () => {
    const home = (root: string) => {
      const folder = scriptFolder()
      mkdirSync(join(folder, '.postgresql'))
      writeFileSync(join(folder, '.postgresql', 'root.crt'), readFileSync(tls.files.path(root)))
      return machineTlsSources(folder)
    }
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const url = tls.url('postgres', `sslmode=${mode}`)
      expect(await outcomeOf(url, home('trusted.crt'))).toBe('TLS')
      expect(await outcomeOf(url, home('other.crt'))).toBe('TLS_CERTIFICATE')
    }
    expect(await outcomeOf(tls.url('postgres', 'sslmode=prefer'), home('other.crt'))).toBe('TLS')
  })

  test('a file may hold several', async () => {
    const both = ['other.crt', 'trusted.crt'].map((name) => readFileSync(tls.files.path(name), 'utf8'))
    const folder = scriptFolder({ 'both.crt': `A comment\n${both.join('\n')}` })
    const parameters = `sslmode=verify-full&sslrootcert=${join(folder, 'both.crt')}`
    expect(await outcomeOf(tls.url('postgres', parameters))).toBe('TLS')
  })
})
