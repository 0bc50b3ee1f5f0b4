import type { ConnectionOptions } from 'node:tls'
import type { Target } from '../target/connection-url.ts'
import { UsageError } from '../errors.ts'
import { isCoveredRdsHost } from '../target/rds-host.ts'
import type { SslMode } from '../target/ssl-mode.ts'

/** What a connection does about TLS: the mode that holds, and the trusted roots. */
export interface TlsPlan {
  mode: SslMode
  /** PEM certificates; `system` stands for the machine's own roots; `none` where nothing is verified. */
  roots: string[] | 'system' | 'none'
}

/** Reads files and finds the RDS roots; a parameter so that tests can stand in their own. */
export interface TlsSources {
  readFile(path: string): string | undefined
  rdsRoots(): Promise<string[]>
  /** Path of libpq's default root file, `~/.postgresql/root.crt`; `undefined` where there is no home. */
  defaultRootFile: string | undefined
}

/**
 * Decides the TLS mode and roots as libpq does ("SSL Support", sections 32.19.1 and 32.19.3), with one addition:
 * RDS endpoints are verified in full against the bundled RDS roots unless the URL says otherwise (not in China, whose
 * roots are others).
 *
 * - no mode: `prefer`, but `verify-full` for an RDS endpoint;
 * - `require` with roots at hand verifies as `verify-ca` does (libpq keeps this for old clients);
 * - `verify-full` without any roots uses the machine's roots (libpq: `sslrootcert=system`).
 * @throws {UsageError} `NO_ROOT_CERTIFICATE` when roots are named or needed and not there
 */
export async function planTls(target: Target, sources: TlsSources): Promise<TlsPlan> {
  const rds = isCoveredRdsHost(target.host)
  const mode = target.sslMode ?? (rds ? 'verify-full' : 'prefer')
  if (target.host.startsWith('/')) return { mode: 'disable', roots: 'none' }
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return { mode, roots: 'none' }
  const roots = await findRoots(target, sources, rds)
  if (roots === 'system' && mode !== 'verify-full')
    throw new UsageError(
      `sslrootcert=system needs sslmode=verify-full: any public certificate would pass ${mode}.`,
      {
        code: 'NO_ROOT_CERTIFICATE',
        hint: 'Write sslmode=verify-full, or name the file of your own root with sslrootcert.',
      },
    )
  if (roots !== undefined) return { mode: mode === 'require' ? 'verify-ca' : mode, roots }
  if (mode === 'require') return { mode, roots: 'none' }
  if (mode === 'verify-full') return { mode, roots: 'system' }
  throw new UsageError('sslmode=verify-ca needs the root certificate to verify against.', {
    code: 'NO_ROOT_CERTIFICATE',
    hint: 'Name its PEM file with sslrootcert=…, or use sslmode=verify-full.',
  })
}

async function findRoots(
  target: Target,
  sources: TlsSources,
  rds: boolean,
): Promise<string[] | 'system' | undefined> {
  if (target.sslRootCert === 'system') return 'system'
  if (target.sslRootCert !== undefined)
    return splitPem(mustRead(target.sslRootCert, sources), target.sslRootCert)
  const own = sources.defaultRootFile && sources.readFile(sources.defaultRootFile)
  if (rds) return [...(await sources.rdsRoots()), ...(own ? splitPem(own, 'root.crt') : [])]
  return own ? splitPem(own, sources.defaultRootFile as string) : undefined
}

function mustRead(path: string, sources: TlsSources): string {
  const text = sources.readFile(path)
  if (text !== undefined) return text
  throw new UsageError(`The certificate file "${path}" cannot be read.`, {
    code: 'NO_ROOT_CERTIFICATE',
    hint: 'Correct sslrootcert in the connection URL.',
  })
}

function splitPem(text: string, path: string): string[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)
  if (found) return found
  throw new UsageError(`The file "${path}" holds no PEM certificate.`, {
    code: 'NO_ROOT_CERTIFICATE',
    hint: 'A PEM file has lines -----BEGIN CERTIFICATE-----.',
  })
}

/**
 * The options for `tls.connect` that carry the plan out (without `socket`).
 * @throws {UsageError} `CLIENT_CERTIFICATE` when the client's certificate or its key is not there
 */
export function tlsOptions(
  target: Target,
  plan: TlsPlan,
  sources: TlsSources,
  isIp: boolean,
): ConnectionOptions {
  const verify = plan.mode === 'verify-ca' || plan.mode === 'verify-full'
  const options: ConnectionOptions = { rejectUnauthorized: verify, minVersion: 'TLSv1.2' }
  // Server Name Indication holds names only (RFC 6066 §3); Node verifies against `host` where there is none.
  if (isIp) options.host = target.host
  else options.servername = target.host
  if (Array.isArray(plan.roots)) options.ca = plan.roots
  if (plan.mode !== 'verify-full') options.checkServerIdentity = () => undefined
  return { ...options, ...clientCertificate(target, sources) }
}

/** The certificate of the client and its key: both or none. */
function clientCertificate(target: Target, sources: TlsSources): { cert?: string; key?: string } {
  const { sslCert, sslKey } = target
  if (sslCert === undefined && sslKey === undefined) return {}
  if (sslCert === undefined || sslKey === undefined) throw unusableCertificate('one of the two is missing')
  const [cert, key] = [sources.readFile(sslCert), sources.readFile(sslKey)]
  if (cert === undefined) throw unusableCertificate(`"${sslCert}" cannot be read`)
  if (key === undefined) throw unusableCertificate(`"${sslKey}" cannot be read`)
  return { cert, key }
}

/** The error for a certificate of the client, or its key, that OpenSSL will not take, or that is not there. */
export function unusableCertificate(reason: string, cause?: unknown): UsageError {
  return new UsageError(`The certificate of sslcert cannot be used with the key of sslkey: ${reason}.`, {
    code: 'CLIENT_CERTIFICATE',
    hint: 'Name PEM files that belong together with sslcert=… and sslkey=… in the connection URL; the key must not be encrypted.',
    cause,
  })
}
