import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecure, type TLSSocket } from 'node:tls'
import { request } from 'node:http'

/** Proxies as the environment names them (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). */
export interface ProxySettings {
  http?: string | undefined
  https?: string | undefined
  /** Hosts that are reached directly: `localhost,.internal,10.0.0.7:8080`, or `*` for all. */
  none?: string | undefined
}

/** The proxy for a URL; `undefined` if it is reached directly. */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http
  if (!proxy || isExcepted(url, settings.none ?? '')) return undefined
  return URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`) ?? undefined
}

function isExcepted({ hostname, port, protocol }: URL, none: string): boolean {
  const ownPort = port || (protocol === 'https:' ? '443' : '80')
  return none
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === '*') return true
      const [, host = '', entryPort] = /^\*?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? []
      if (entryPort !== undefined && entryPort !== ownPort) return false
      return (
        hostname === host.replace(/^\./, '') || hostname.endsWith(host.startsWith('.') ? host : `.${host}`)
      )
    })
}

/** The header that a proxy with a login wants. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (!username) return {}
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
}

export interface Tunnel {
  proxy: URL
  host: string
  port: number
  ca: string[]
  signal: AbortSignal
}

/**
 * Reaches a TLS server through a proxy (CONNECT). Node's own support for proxies needs 22.21 or 24.5, and is switched on for
 * the whole process only.
 */
export async function tunnelTo({ proxy, host, port, ca, signal }: Tunnel): Promise<TLSSocket> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const asking = request({
      method: 'CONNECT',
      path: `${host}:${port}`,
      headers: { host: `${host}:${port}`, ...proxyAuthorization(proxy) },
      signal,
      createConnection: () => connectionTo(proxy, ca),
    })
    asking.on('connect', (response, tunnel) => {
      if (response.statusCode === 200) return resolve(tunnel)
      tunnel.destroy()
      reject(new Error(`the proxy ${proxy.host} answers with HTTP ${response.statusCode}`))
    })
    asking.on('error', reject)
    asking.end()
  })
  return connectSecure({ socket, servername: host, ca })
}

function connectionTo(proxy: URL, ca: string[]): Socket {
  const isSecure = proxy.protocol === 'https:'
  const host = proxy.hostname.replace(/^\[|\]$/g, '')
  const port = Number(proxy.port || (isSecure ? 443 : 80))
  return isSecure ? connectSecure({ host, port, servername: host, ca }) : connectPlain({ host, port })
}
