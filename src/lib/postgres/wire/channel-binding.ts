/** DER encodings of the signature algorithms' object identifiers (RFC 4055, RFC 5758) that name another hash than SHA-256. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a864886f70d01010e', 'sha224'],
  ['2a8648ce3d040301', 'sha224'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
])

/** The object identifier of RSASSA-PSS, whose hash is a parameter, and those of the hashes there (RFC 4055 §2.1, §3). */
const PSS = '2a864886f70d01010a'
const PSS_HASHES: ReadonlyMap<string, string> = new Map([
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
])

/**
 * What a connection's TLS channel is told by, `tls-server-end-point` (RFC 5929 §4.1): the hash of the server's certificate
 * by the hash of its own signature, SHA-256 in place of MD5 and SHA-1.
 * @param certificate DER
 */
export async function serverEndPoint(certificate: Buffer): Promise<Buffer> {
  const { createHash } = await import('node:crypto')
  return createHash(signatureHash(certificate)).update(certificate).digest()
}

function signatureHash(certificate: Buffer): string {
  // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, parameters }, … }
  const outer = derContent(certificate, 0)
  const tbs = derContent(certificate, outer.start)
  const algorithm = derContent(certificate, tbs.end)
  const oid = derContent(certificate, algorithm.start)
  const name = certificate.toString('hex', oid.start, oid.end)
  if (name !== PSS) return HASHES.get(name) ?? 'sha256'
  const parameters = certificate.toString('hex', oid.end, algorithm.end)
  return [...PSS_HASHES].find(([hash]) => parameters.includes(hash))?.[1] ?? 'sha256'
}

/** Where the content of the DER element at `at` begins and ends. */
function derContent(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] as number
  if (first < 0x80) return { start: at + 2, end: at + 2 + first }
  const bytes = first & 0x7f
  const start = at + 2 + bytes
  return { start, end: start + der.readUIntBE(at + 2, bytes) }
}
