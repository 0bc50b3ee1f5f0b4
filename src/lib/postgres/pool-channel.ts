import { homedir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Socket } from 'node:net'
import { CruddurError } from '../errors.ts'
import type { SslMode } from '../target/ssl-mode.ts'
import type { Target } from '../target/connection-url.ts'
import { machineTlsSources } from './connect.ts'
import { poolError } from './pool-errors.ts'
import { openSocket } from './socket.ts'
import { planTls } from './tls.ts'

/** Modes in which libpq tries the other kind of connection where the server's rules refuse the first one. */
const EITHER: ReadonlySet<SslMode> = new Set(['allow', 'prefer'])

/** How a pool's connections get to their server: with TLS or without, and what is said when one fails. */
export class PoolChannel {
  readonly #target: Target
  readonly #timeout: number
  readonly #sources = machineTlsSources(homedir())
  /** Whether to take the kind of connection that comes second in this mode. */
  #second = false
  #mode: SslMode | undefined
  #encrypted = false
  /** What is being done just now. */
  readonly #busy = new Set<Promise<unknown>>()

  /** @param timeout milliseconds that a connection may take */
  constructor(target: Target, timeout: number) {
    this.#target = target
    this.#timeout = timeout
  }

  /**
   * Opens a socket for the driver, encrypted where that is asked for.
   * @throws {CruddurError} those of `planTls` and `openSocket`
   */
  async open(): Promise<Socket> {
    const plan = await planTls(this.#target, this.#sources)
    this.#mode = plan.mode
    const tlsComesFirst = plan.mode !== 'disable' && plan.mode !== 'allow'
    const { stream, certificate } = await openSocket(this.#target, {
      encrypt: tlsComesFirst !== this.#second,
      plan,
      sources: this.#sources,
      timeout: this.#timeout,
      signal: undefined,
    })
    this.#encrypted = certificate !== undefined
    return stream
  }

  /**
   * Does something with the driver; its errors become ours. Where the server's rules let nobody in over this kind of
   * connection, and the mode leaves the choice, it is done over the other kind, then and from then on.
   * @throws {CruddurError} see `poolError`
   */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    const attempt = this.#attempt(work)
    this.#busy.add(attempt)
    try {
      return await attempt
    } finally {
      this.#busy.delete(attempt)
    }
  }

  /** Waits until what is being done now is done, for so many seconds. */
  async settled(seconds: number): Promise<void> {
    const late = new AbortController()
    const timeout = setTimeout(seconds * 1000, undefined, { signal: late.signal }).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#busy), timeout])
    late.abort()
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    const second = this.#second
    try {
      return await work()
    } catch (thrown) {
      const error = this.#translate(thrown)
      if (!this.#mayDoOtherwise(error, second)) throw error
      this.#second = true
      return await work().catch((again: unknown) => Promise.reject(this.#translate(again)))
    }
  }

  #translate(error: unknown): unknown {
    return poolError(error, { target: this.#target, timeout: this.#timeout, encrypted: this.#encrypted })
  }

  #mayDoOtherwise(error: unknown, second: boolean): boolean {
    const isRefusal = error instanceof CruddurError && error.code === 'HBA_REFUSED'
    return isRefusal && !second && this.#mode !== undefined && EITHER.has(this.#mode)
  }
}
