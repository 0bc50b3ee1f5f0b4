import { readFile } from 'node:fs/promises'

/** Variables that name a file with the roots of trust, the more special first; pip, requests, curl and OpenSSL go by them. */
const VARIABLES = ['PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE']

/** Where systems keep them: Debian; Fedora and Amazon Linux; SUSE; macOS. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/**
 * The roots that this machine trusts, as PEM. A container knows those of its image only, and so not the one of a company's proxy.
 * @param configured the file that pip's own configuration names
 */
export async function trustedRoots(
  environment: Readonly<Record<string, string | undefined>>,
  configured: string | undefined,
): Promise<Buffer | undefined> {
  const [own, ...others] = VARIABLES.map((name) => environment[name])
  for (const path of [own, configured, ...others, ...SYSTEM_FILES]) {
    const bytes = path === undefined ? undefined : await readFile(path).catch(() => undefined)
    if (bytes?.includes('-----BEGIN')) return bytes
  }
  return undefined
}
