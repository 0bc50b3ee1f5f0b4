import { saslprep } from './saslprep.ts'

/** Bytes of a SHA-256 hash. */
const HASH_BYTES = 32

/** What both sides prove to know the password with. */
export interface ScramProof {
  /** Sent to the server. */
  proof: Buffer
  /** What the server must answer. */
  serverSignature: Buffer
}

/**
 * Computes the proofs of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677).
 * @param exchange the AuthMessage: client-first-message-bare, server-first-message and
 * client-final-message-without-proof, joined by commas
 */
export async function scramProof(
  password: string,
  salt: Buffer,
  iterations: number,
  exchange: string,
): Promise<ScramProof> {
  const { createHash, createHmac, pbkdf2 } = await import('node:crypto')
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const salted = await new Promise<Buffer>((resolve, reject) => {
    pbkdf2(saslprep(password), salt, iterations, HASH_BYTES, 'sha256', (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
  const clientKey = hmac(salted, 'Client Key')
  const signature = hmac(createHash('sha256').update(clientKey).digest(), exchange)
  return {
    proof: Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number))),
    serverSignature: hmac(hmac(salted, 'Server Key'), exchange),
  }
}
