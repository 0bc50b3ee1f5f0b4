import { CruddurError } from '../../errors.ts'
import type { HttpAnswer } from './http-client.ts'

/** Reasons for people, by Node's codes. */
const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host is known: there may be no network',
  EAI_AGAIN: 'the name cannot be looked up: there may be no network',
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not known here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not known here',
}

/** @returns the error of a host that cannot be asked; only the host is named, since URLs may hold secrets */
export function unreachable(url: URL, outcome: HttpAnswer | Error): CruddurError {
  const { code = '' } = outcome instanceof Error ? (outcome as NodeJS.ErrnoException) : {}
  const reason =
    outcome instanceof Error ? (REASONS[code] ?? outcome.message) : `it answers with HTTP ${outcome.status}`
  const isCertificate = code.includes('CERT') || code.includes('LEAF')
  return new CruddurError(`${url.host} cannot be reached: ${reason}.`, {
    code: 'INDEX_UNREACHABLE',
    kind: 'unreachable',
    hint: isCertificate
      ? 'Name the file with the certificate of your network: PIP_CERT, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS.'
      : 'Check the network, HTTPS_PROXY, and the address of the index (PIP_INDEX_URL).',
    details: { host: url.host },
    cause: outcome instanceof Error ? outcome : undefined,
  })
}
