import { Agent as PlainAgent, type IncomingMessage, request as requestPlain } from 'node:http'
import { Agent as SecureAgent, request as requestSecure } from 'node:https'
import { CruddurError, InterruptedError, throwIfAborted } from '../../errors.ts'
import { unreachable } from './http-errors.ts'
import { Logins } from './logins.ts'
import { type ProxySettings, proxyAuthorization, proxyFor, tunnelTo } from './proxy.ts'

/** How package indexes are reached. */
export interface NetworkSettings {
  proxies?: ProxySettings | undefined
  /** Certificates in PEM that count besides Node's own ones. */
  ca?: string | undefined
  /** Milliseconds without a byte after which a connection counts as dead. */
  timeout?: number | undefined
  /** How often a request is made again. */
  retries?: number | undefined
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  pause?: number | undefined
}

const DEFAULTS = { timeout: 30_000, retries: 4, pause: 250 }

/** Redirects that are followed; browsers follow twenty, indexes need one or two. */
const MOST_REDIRECTS = 8

/** Connections to one host. */
const MOST_CONNECTIONS = 8

/** Statuses after which the same request may succeed a moment later. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** An answer whose body has not been read yet: read it, or destroy it. */
export interface HttpAnswer {
  /** Where it came from in the end, without a login. */
  url: URL
  status: number
  headers: IncomingMessage['headers']
  body: IncomingMessage
}

export interface RequestOptions {
  headers?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
}

/**
 * HTTP for package indexes: logins, proxies, further certificates, redirects, repetition. Node's `fetch` takes neither a
 * certificate nor, before 22.21 and 24.5, a proxy.
 */
export class HttpClient {
  readonly logins = new Logins()
  readonly #settings: typeof DEFAULTS & { proxies: ProxySettings; ca: string[] | undefined }
  readonly #plain = new PlainAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS })
  #secure: SecureAgent | undefined

  constructor({ proxies = {}, ca, ...rest }: NetworkSettings = {}) {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    this.#settings = { ...DEFAULTS, ...given, proxies, ca: ca === undefined ? undefined : [ca] }
  }

  /** How often something is tried again that is cut off in between, and how long to wait before each time. */
  get repetition(): { retries: number; pause: number } {
    return this.#settings
  }

  /**
   * Asks for a URL, again if need be.
   * @throws {CruddurError} `INDEX_UNREACHABLE`
   * @throws {InterruptedError}
   */
  async get(url: URL, options: RequestOptions = {}): Promise<HttpAnswer> {
    const { retries, pause } = this.#settings
    for (let attempt = 0; ; attempt++) {
      throwIfAborted(options.signal)
      const outcome = await this.#follow(url, options).catch((error: unknown) => error as Error)
      if (options.signal?.aborted) throw new InterruptedError()
      const isPassing = outcome instanceof Error || PASSING.has(outcome.status)
      if (!isPassing) return outcome
      if (outcome instanceof CruddurError) throw outcome
      if (!(outcome instanceof Error)) outcome.body.destroy()
      if (attempt >= retries) throw unreachable(url, outcome)
      await wait(waitOf(outcome) ?? pause * 2 ** attempt, options.signal)
    }
  }

  /** Closes idle connections, so that the process may end. */
  close(): void {
    this.#plain.destroy()
    this.#secure?.destroy()
  }

  async #follow(from: URL, options: RequestOptions): Promise<HttpAnswer> {
    let url = from
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await this.#once(url, options)
      const { location } = answer.headers
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer
      answer.body.destroy()
      const next = URL.parse(location, url.href)
      // A login, and what is installed, must not go over an open connection that a server chose.
      if (!next || (url.protocol === 'https:' && next.protocol !== 'https:'))
        throw unreachable(url, new Error('it redirects to where no TLS is'))
      url = next
    }
    throw unreachable(from, new Error('it redirects in circles'))
  }

  async #once(url: URL, { headers, signal }: RequestOptions): Promise<HttpAnswer> {
    const { timeout, proxies } = this.#settings
    const isSecure = url.protocol === 'https:'
    const proxy = proxyFor(url, proxies)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port || (isSecure ? 443 : 80))
    const tunnel =
      proxy && isSecure
        ? await tunnelTo({ proxy, host, port, ca: await this.#roots(), signal: within(timeout, signal) })
        : undefined
    const via = proxy && !isSecure ? proxy : undefined
    const options = {
      host: via ? via.hostname : host,
      port: via ? via.port || 80 : port,
      path: via ? withoutLogin(url).href : url.pathname + url.search,
      headers: {
        host: url.host,
        'user-agent': 'cruddur',
        ...this.logins.headerFor(url),
        ...(via && proxyAuthorization(via)),
        ...headers,
      },
      timeout,
      signal,
    }
    return new Promise<HttpAnswer>((resolve, reject) => {
      const done = (body: IncomingMessage) =>
        resolve({ url: withoutLogin(url), status: body.statusCode ?? 0, headers: body.headers, body })
      const start = async () => {
        if (!isSecure) return requestPlain({ ...options, agent: this.#plain }, done)
        if (tunnel) return requestSecure({ ...options, createConnection: () => tunnel }, done)
        return requestSecure({ ...options, agent: await this.#secureAgent() }, done)
      }
      start()
        .then((asking) => {
          asking.on('timeout', () => asking.destroy(new Error(`no answer for ${timeout / 1000} s`)))
          asking.on('error', reject)
          asking.end()
          return asking
        })
        .catch(reject)
    })
  }

  async #secureAgent(): Promise<SecureAgent> {
    const ca = await this.#roots()
    this.#secure ??= new SecureAgent({ keepAlive: true, maxSockets: MOST_CONNECTIONS, ca })
    return this.#secure
  }

  /**
   * Node's own roots stop to count once others are given, so they go along; and those of the system do, which has what a
   * company's network needs (pip does the same since 24.2, uv with native TLS). Node before 22.15 cannot tell them.
   */
  async #roots(): Promise<string[]> {
    const tls = await import('node:tls')
    const system = typeof tls.getCACertificates === 'function' ? tls.getCACertificates('system') : []
    return [...tls.rootCertificates, ...system, ...(this.#settings.ca ?? [])]
  }
}

/** A signal that also ends what takes too long. */
function within(timeout: number, signal: AbortSignal | undefined): AbortSignal {
  const limit = AbortSignal.timeout(timeout)
  return signal ? AbortSignal.any([signal, limit]) : limit
}

function withoutLogin(url: URL): URL {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  return bare
}

/** Milliseconds that a server asks to wait. A minute at most: nobody sits before it for longer. */
function waitOf(outcome: HttpAnswer | Error): number | undefined {
  if (outcome instanceof Error) return undefined
  const seconds = Number(outcome.headers['retry-after'])
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : undefined
}

/** Waits, unless the signal says otherwise. */
export async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(milliseconds, undefined, signal ? { signal } : {}).catch(() => throwIfAborted(signal))
}
