import { chownSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import { createPool } from '../../src/lib/postgres/pool.ts'
import { queryRows } from '../../src/lib/postgres/query.ts'
import type { TlsSources } from '../../src/lib/postgres/tls.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { runSql } from './database.ts'
import { TEST_MAJOR } from './major.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { type CertificateFiles, installCertificate, TLS_SETTINGS, TlsFiles } from './tls-files.ts'

/** First version that wants `clientcert=verify-ca` where it wanted `1` before. */
const VERIFY_CA_SINCE = 12

/** Rules of pg_hba.conf for users who get in only in one way. */
const HBA = [
  'hostssl all only_tls all trust',
  'hostnossl all only_plain all trust',
  'hostssl all by_certificate all cert',
  `hostssl all with_certificate all trust clientcert=${TEST_MAJOR < VERIFY_CA_SINCE ? '1' : 'verify-ca'}`,
  'host all only_tls,only_plain,by_certificate,with_certificate all reject',
  'host all by_password all scram-sha-256',
]

/** A server that speaks TLS, with two authorities: `trusted`, which signed its certificate, and `other`. */
export class TlsServer {
  readonly files: TlsFiles
  readonly server: PostgresServer

  private constructor(files: TlsFiles, server: PostgresServer) {
    this.files = files
    this.server = server
  }

  /** Starts it with a certificate for `localhost` and 127.0.0.1. */
  static async start(): Promise<TlsServer> {
    const files = new TlsFiles()
    await files.authority('trusted')
    await files.authority('other')
    const names = ['DNS:localhost', 'IP:127.0.0.1']
    const certificate = await files.certificate({ commonName: 'localhost', names, signedBy: 'trusted' })
    const server = await startPostgres({
      major: TEST_MAJOR,
      settings: { ...TLS_SETTINGS, ssl_ca_file: 'root.crt' },
      hba: HBA,
      prepare(directory, user) {
        installCertificate(certificate, directory, user)
        copyFileSync(files.path('trusted.crt'), join(directory, 'root.crt'))
        if (user) chownSync(join(directory, 'root.crt'), user.uid, user.gid)
      },
    })
    const roles = ['only_tls', 'only_plain', 'by_certificate', 'with_certificate', 'by_password']
    for (const role of roles) await runSql(server.url, `CREATE ROLE ${role} LOGIN PASSWORD 'the-password'`)
    return new TlsServer(files, server)
  }

  /** Presents another certificate from now on. */
  async present(certificate: CertificateFiles): Promise<void> {
    const { url, dataDirectory, runsAs } = this.server
    const plain = `${url}?sslmode=disable`
    installCertificate(certificate, dataDirectory, runsAs)
    const [before] = await runSql(plain, 'SELECT pg_conf_load_time()::text AS at')
    await runSql(plain, 'SELECT pg_reload_conf()')
    const isNew = `SELECT (pg_conf_load_time() > '${before?.['at']}')::text AS new`
    while ((await runSql(plain, isNew))[0]?.['new'] !== 'true') await pause(10)
  }

  /** The URL of a user; `parameters` goes behind the `?`. */
  url(user: string, parameters: string, host = '127.0.0.1'): string {
    return `postgres://${user}:the-password@${host}:${this.server.port}/postgres?${parameters}`
  }

  async stop(): Promise<void> {
    await this.server.stop()
    this.files.remove()
  }
}

const CHANNEL = 'SELECT ssl::text AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()'

/** How the server says that we are connected: `TLS` or `plain`. */
export async function channelOf(url: string, tlsSources?: TlsSources): Promise<'TLS' | 'plain'> {
  const connection = await connect(parseConnectionUrl(url), { tlsSources })
  try {
    const [row] = await queryRows(connection, CHANNEL)
    expect(connection.encrypted).toBe(row?.['encrypted'] === 'true')
    return connection.encrypted ? 'TLS' : 'plain'
  } finally {
    await connection.close()
  }
}

/** The same, or the code of the error. */
export function outcomeOf(url: string, tlsSources?: TlsSources): Promise<string> {
  return channelOf(url, tlsSources).catch((error: { code?: string }) => error.code ?? 'no code')
}

/** The same of two queries at once through the library's pool. */
export async function poolOutcomeOf(url: string): Promise<string> {
  const pool = createPool(url)
  try {
    const rows = await Promise.all([pool.query(CHANNEL), pool.transaction((inside) => inside.query(CHANNEL))])
    const channels = new Set(rows.flat().map(({ encrypted }) => (encrypted === 'true' ? 'TLS' : 'plain')))
    return [...channels].join()
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code'
  } finally {
    await pool.end()
  }
}
