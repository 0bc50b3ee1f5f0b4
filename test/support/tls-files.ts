import { execFile } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SystemUser } from '../../src/lib/server/passwd.ts'

const run = promisify(execFile)

/** What a certificate is to be. */
export interface CertificateOptions {
  commonName: string
  /** Subject alternative names as OpenSSL writes them, e.g. `DNS:localhost` or `IP:127.0.0.1`. */
  names?: readonly string[]
  /** Name of the authority that signs it; `self` for none. */
  signedBy: string
  /** Days that it is valid for; negative for one that has expired. */
  days?: number
  /** How its key is made, e.g. `['-newkey', 'rsa:2048']`; a P-256 key when not given. */
  key?: readonly string[]
  /** How it is signed, e.g. `['-sha384']`; of no effect on a self-signed one. */
  signature?: readonly string[]
}

/** Paths of a certificate and its key (PEM). */
export interface CertificateFiles {
  certificate: string
  key: string
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** A folder with authorities and certificates that OpenSSL makes; `remove` takes it away. */
export class TlsFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'cruddur-tls-'))
  #made = 0

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Makes a certificate authority; its root is the file `NAME.crt`. */
  async authority(name: string): Promise<string> {
    const files = ['-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.crt`)]
    await run('openssl', ['req', '-x509', ...KEY, '-nodes', ...files, '-days', '30', '-subj', `/CN=${name}`])
    return this.path(`${name}.crt`)
  }

  /** Makes a key and a certificate for it. */
  async certificate(options: CertificateOptions): Promise<CertificateFiles> {
    const base = this.path(`certificate${++this.#made}`)
    const files = { certificate: `${base}.crt`, key: `${base}.key` }
    const { commonName, names = [], days = 30, key = KEY, signature = [] } = options
    const extension = names.length === 0 ? [] : [`subjectAltName=${names.join(',')}`]
    const request = ['req', ...key, '-nodes', '-keyout', files.key, '-subj', `/CN=${commonName}`]
    if (options.signedBy === 'self') {
      const further = extension.flatMap((line) => ['-addext', line])
      await run('openssl', [
        ...request,
        '-x509',
        '-days',
        String(days),
        '-out',
        files.certificate,
        ...further,
      ])
      return files
    }
    const authority = this.path(options.signedBy)
    writeFileSync(`${base}.ext`, `basicConstraints=CA:FALSE\n${extension.join('\n')}\n`)
    await run('openssl', [...request, '-out', `${base}.csr`])
    const signer = ['-CA', `${authority}.crt`, '-CAkey', `${authority}.key`, '-CAcreateserial', ...signature]
    const validity = ['-days', String(days), '-extfile', `${base}.ext`]
    const [from, to] = [`${base}.csr`, files.certificate]
    await run('openssl', ['x509', '-req', '-in', from, '-out', to, ...signer, ...validity])
    return files
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The settings of a server that has its certificate where `installCertificate` puts it. */
export const TLS_SETTINGS = { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' }

/** Copies a certificate into a data directory, as the server wants to find it. */
export function installCertificate(
  files: CertificateFiles,
  dataDirectory: string,
  user: SystemUser | undefined,
): void {
  for (const [from, name] of [
    [files.certificate, 'server.crt'],
    [files.key, 'server.key'],
  ] as const) {
    const to = join(dataDirectory, name)
    copyFileSync(from, to)
    chmodSync(to, 0o600)
    if (user) chownSync(to, user.uid, user.gid)
  }
}
