import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { authenticationRequest } from './fake-server.ts'

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** The attribute of a SCRAM message, e.g. its `r`. */
function attribute(message: string, letter: string): string {
  return (
    message
      .split(',')
      .find((part) => part.startsWith(`${letter}=`))
      ?.slice(2) ?? ''
  )
}

/** The text of a SASLInitialResponse or a SASLResponse, from its `n=` or `c=` on. */
function scramText(received: Buffer): string {
  const text = received.toString('latin1')
  return text.slice(text.search(/[nc]=[^,]*,r=/))
}

/** The server's side of SCRAM-SHA-256 (RFC 5802), for a server of a test that knows the password. */
export class ScramServer {
  readonly #password: string
  readonly #salt = Buffer.from('a salt of a test')
  readonly #iterations: number
  #clientFirst = ''
  #serverFirst = ''

  constructor(password: string, iterations = 4096) {
    this.#password = password
    this.#iterations = iterations
  }

  /** AuthenticationSASL: what the server can do. */
  static offer(...mechanisms: string[]): Buffer {
    return authenticationRequest(10, `${mechanisms.join('\0')}\0\0`)
  }

  /** The client's nonce, as its first message has it. */
  static clientNonce(received: Buffer): string {
    return attribute(scramText(received), 'r')
  }

  /** AuthenticationSASLContinue: nonce, salt and iterations. */
  challenge(received: Buffer): Buffer {
    this.#clientFirst = scramText(received)
    const nonce = `${attribute(this.#clientFirst, 'r')}ours`
    this.#serverFirst = `r=${nonce},s=${this.#salt.toString('base64')},i=${this.#iterations}`
    return authenticationRequest(11, this.#serverFirst)
  }

  /** AuthenticationSASLFinal with the server's signature; throws when the client's proof is wrong. */
  finish(received: Buffer): Buffer {
    const clientFinal = scramText(received)
    const withoutProof = clientFinal.slice(0, clientFinal.lastIndexOf(',p='))
    const text = `${this.#clientFirst},${this.#serverFirst},${withoutProof}`
    const salted = pbkdf2Sync(this.#password, this.#salt, this.#iterations, 32, 'sha256')
    const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
    const signature = hmac(stored, text)
    const proof = Buffer.from(attribute(clientFinal, 'p'), 'base64')
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)))
    if (!createHash('sha256').update(clientKey).digest().equals(stored)) throw new Error('wrong proof')
    const serverSignature = hmac(hmac(salted, 'Server Key'), text)
    return authenticationRequest(12, `v=${serverSignature.toString('base64')}`)
  }
}
