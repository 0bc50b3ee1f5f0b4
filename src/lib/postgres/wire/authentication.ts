import type { Target } from '../../target/connection-url.ts'
import { CruddurError } from '../../errors.ts'
import { serverEndPoint } from './channel-binding.ts'
import * as messages from './messages.ts'
import { scramProof } from './scram.ts'

/** Authentication requests (first 32 bits of an Authentication message; "Message Formats"). */
const Request = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 } as const

/**
 * A server may ask for any number of PBKDF2 rounds; PostgreSQL's `scram_iterations` defaults to 4096. Beyond this,
 * a hostile server could hold the client busy for minutes.
 */
const MAX_SCRAM_ITERATIONS = 10_000_000

function failure(message: string, hint?: string): CruddurError {
  return new CruddurError(message, { code: 'AUTHENTICATION_FAILED', kind: 'unreachable', hint })
}

/** How far a SCRAM exchange has come; what the server sends must fit to it. */
type ScramState = 'none' | 'begun' | 'proved' | 'verified'

/**
 * The client's side of authentication: cleartext password, MD5, and SCRAM-SHA-256 with and without channel binding
 * (RFC 5802, RFC 7677, RFC 5929 `tls-server-end-point`). One object serves one connection.
 */
export class Authentication {
  readonly #target: Target
  readonly #certificate: Buffer | undefined
  #scram: ScramState = 'none'
  #clientNonce = ''
  #gs2Header = ''
  #serverSignature: Buffer | undefined
  #finished = false

  /**
   * @param target whose user and password are used
   * @param certificate the server's certificate (DER) when the connection is encrypted
   */
  constructor(target: Target, certificate: Buffer | undefined) {
    this.#target = target
    this.#certificate = certificate
  }

  /** Whether the server has let us in, and has proved what it had to prove. */
  get finished(): boolean {
    return this.#finished
  }

  /**
   * Answers one Authentication message; the next one may be given when this one has been answered.
   * @param body the message's body, beginning with the request's number
   * @returns what to send, or `undefined` when nothing is to be sent
   * @throws {CruddurError} `AUTHENTICATION_FAILED`, `NO_PASSWORD`
   */
  async answer(body: Buffer): Promise<Buffer | undefined> {
    const request = body.readInt32BE(0)
    switch (request) {
      case Request.ok:
        this.#finish()
        return undefined
      case Request.cleartext:
        this.#expect('none')
        this.#refuseWithoutBinding('asks for a password without SCRAM')
        return messages.password(this.#password())
      case Request.md5:
        this.#expect('none')
        this.#refuseWithoutBinding('asks for a password without SCRAM')
        return messages.password(await this.#md5(body.subarray(4, 8)))
      case Request.sasl:
        this.#expect('none')
        return this.#begin(body.toString('utf8', 4).split('\0').filter(Boolean))
      case Request.saslContinue:
        this.#expect('begun')
        return this.#prove(body.toString('utf8', 4))
      case Request.saslFinal:
        this.#expect('proved')
        this.#verify(body.toString('utf8', 4))
        return undefined
      default:
        throw failure(
          `The server asks for an authentication method that cruddur does not speak (request ${request}).`,
          'Supported are SCRAM-SHA-256, md5, password and trust; GSSAPI and SSPI are not.',
        )
    }
  }

  #password(): string {
    if (this.#target.password !== undefined) return this.#target.password
    throw new CruddurError(
      `The server asks for a password for user "${this.#target.user}", and none was given.`,
      {
        code: 'NO_PASSWORD',
        kind: 'unreachable',
        hint: 'Put it into the connection URL in .env (percent-encoded), into PGPASSWORD, or into ~/.pgpass.',
      },
    )
  }

  #expect(state: ScramState): void {
    if (this.#scram !== state || this.#finished)
      throw failure('The server does not keep to the order of the steps of authentication.')
  }

  #refuseWithoutBinding(what: string): void {
    if (this.#target.channelBinding === 'require')
      throw failure(`channel_binding=require, but the server ${what}.`)
  }

  /** A server that breaks the SCRAM exchange off has not proved that it knows the password. */
  #finish(): void {
    if (this.#scram === 'none') this.#refuseWithoutBinding('lets us in without SCRAM')
    else if (this.#scram !== 'verified')
      throw failure('The server ended the SCRAM exchange without proving that it knows the password.')
    this.#finished = true
  }

  /** `md5` + md5(md5(password + user) + salt), as "Protocol: AuthenticationMD5Password" says. */
  async #md5(salt: Buffer): Promise<string> {
    const { createHash } = await import('node:crypto')
    const inner = createHash('md5')
      .update(this.#password() + this.#target.user)
      .digest('hex')
    return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`
  }

  /** Chooses the mechanism and sends the client-first-message. */
  async #begin(mechanisms: readonly string[]): Promise<Buffer> {
    const binding = this.#target.channelBinding
    const offered = mechanisms.includes('SCRAM-SHA-256-PLUS')
    const bind = offered && this.#certificate !== undefined && binding !== 'disable'
    if (binding === 'require' && !bind)
      throw failure(
        'channel_binding=require, but the server offers no channel binding on this connection.',
        'It needs TLS (sslmode=require or stronger) and PostgreSQL 11 or newer.',
      )
    if (!bind && !mechanisms.includes('SCRAM-SHA-256'))
      throw failure('The server offers no SASL mechanism that cruddur speaks.', 'It speaks SCRAM-SHA-256.')
    // 'y': we could bind, the server seems not to offer it (so that a downgrade is noticed); 'n': we do not bind.
    this.#gs2Header = bind
      ? 'p=tls-server-end-point,,'
      : this.#certificate && binding !== 'disable'
        ? 'y,,'
        : 'n,,'
    const { randomBytes } = await import('node:crypto')
    this.#clientNonce = randomBytes(18).toString('base64')
    this.#scram = 'begun'
    return messages.saslInitialResponse(
      bind ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256',
      this.#gs2Header + this.#clientFirstBare,
    )
  }

  /** PostgreSQL ignores the user name here and takes that of the start-up message. */
  get #clientFirstBare(): string {
    return `n=,r=${this.#clientNonce}`
  }

  /** Answers the server-first-message with the client-final-message. */
  async #prove(serverFirst: string): Promise<Buffer> {
    const attributes = parseAttributes(serverFirst)
    const nonce = attributes.get('r') ?? ''
    const salt = Buffer.from(attributes.get('s') ?? '', 'base64')
    const iterations = Number(attributes.get('i'))
    if (!nonce.startsWith(this.#clientNonce) || nonce.length === this.#clientNonce.length)
      throw failure('The server answered the SCRAM exchange with a wrong nonce.')
    if (salt.length === 0) throw failure('The server answered the SCRAM exchange without a salt.')
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_SCRAM_ITERATIONS)
      throw failure('The server asks for an unreasonable number of SCRAM iterations.')
    const bound = this.#gs2Header.startsWith('p=')
    const endPoint = bound ? await serverEndPoint(this.#certificate as Buffer) : Buffer.alloc(0)
    const binding = Buffer.concat([Buffer.from(this.#gs2Header), endPoint])
    const withoutProof = `c=${binding.toString('base64')},r=${nonce}`
    const exchange = `${this.#clientFirstBare},${serverFirst},${withoutProof}`
    const { proof, serverSignature } = await scramProof(this.#password(), salt, iterations, exchange)
    this.#serverSignature = serverSignature
    this.#scram = 'proved'
    return messages.saslResponse(`${withoutProof},p=${proof.toString('base64')}`)
  }

  #verify(serverFinal: string): void {
    const signature = Buffer.from(parseAttributes(serverFinal).get('v') ?? '', 'base64')
    if (!this.#serverSignature?.equals(signature))
      throw failure(
        'The server could not prove that it knows the password.',
        'Somebody may be in the middle; check the host and use sslmode=verify-full.',
      )
    this.#scram = 'verified'
  }
}

function parseAttributes(text: string): Map<string, string> {
  return new Map(text.split(',').map((pair) => [pair.slice(0, 1), pair.slice(2)]))
}
