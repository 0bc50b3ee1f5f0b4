import { UsageError } from '../errors.ts'
import { MASK } from './redact.ts'
import { isSslMode, SSL_MODES, type SslMode } from './ssl-mode.ts'

/** Where a database is and how to get in: a connection URL (DSN) taken apart. */
export interface Target {
  /** Host name, IP address, or the absolute path of the directory of a Unix socket. */
  host: string
  port: number
  user: string
  password: string | undefined
  database: string
  /** As libpq means it; `undefined` when the URL does not say, so that the host's kind may decide. */
  sslMode: SslMode | undefined
  /** Path of a PEM file of trusted roots, or `system` for those of the machine. */
  sslRootCert: string | undefined
  /** Paths of a client certificate and its key (PEM). */
  sslCert: string | undefined
  sslKey: string | undefined
  /** `disable`, `prefer` (default) or `require`: whether SCRAM is bound to the TLS channel. */
  channelBinding: 'disable' | 'prefer' | 'require'
  /** `application_name` as the server will show it. */
  applicationName: string | undefined
  /** Command-line options for the server process, as in libpq's `options`. */
  options: string | undefined
  /** Milliseconds to wait for a connection; `undefined` when the URL does not say. */
  connectTimeout: number | undefined
}

/** URL parameters that other tools (Prisma, poolers) put into URLs and that mean nothing to a server. */
const FOREIGN_PARAMETERS = new Set([
  'connection_limit',
  'pgbouncer',
  'pool_timeout',
  'schema',
  'statement_cache_size',
  'uselibpqcompat',
])

/** PostgreSQL's default port (IANA, and `DEF_PGPORT` in its sources). */
const DEFAULT_PORT = 5432

/** How many bytes of a name PostgreSQL keeps (`NAMEDATALEN` - 1 in its sources). */
const MAX_NAME_BYTES = 63

function invalid(reason: string, hint: string): UsageError {
  return new UsageError(`The connection URL is not valid: ${reason}.`, { code: 'INVALID_URL', hint })
}

const ENCODE_HINT =
  'Percent-encode special characters in the user name and the password: / is %2F, # is %23, ? is %3F, @ is %40, % is %25.'

function decode(part: string, what: string): string {
  const text = unescape(part, what)
  // The protocol ends texts with one: what stands behind it would be read as further parameters.
  if (text.includes('\0')) throw invalid('it holds a zero byte', ENCODE_HINT)
  return text
}

function unescape(part: string, what: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid(`${what} holds a % that is not followed by two hexadecimal digits of UTF-8`, ENCODE_HINT)
  }
}

/**
 * Splits `user:password@host:port/database?parameters` by hand. WHATWG's parser and the usual packages read
 * `postgres://u:p@ss/w#rd@h/db` as host `ss`: they would send part of the password to a stranger.
 */
function split(rest: string): {
  authority: string
  userInfo: string | undefined
  path: string
  query: string
} {
  const end = rest.search(/[/?#]/)
  const authority = end === -1 ? rest : rest.slice(0, end)
  const tail = end === -1 ? '' : rest.slice(end)
  if (tail.includes('#')) throw invalid('it holds a raw #', ENCODE_HINT)
  const question = tail.indexOf('?')
  const path = question === -1 ? tail : tail.slice(0, question)
  const query = question === -1 ? '' : tail.slice(question + 1)
  const at = authority.lastIndexOf('@')
  if (tail.includes('@') || path.split('/').length > 2)
    throw invalid('an @ or a / stands where it makes the host ambiguous', ENCODE_HINT)
  if (authority.indexOf('@') !== at) throw invalid('it holds more than one raw @', ENCODE_HINT)
  return {
    authority: authority.slice(at + 1),
    userInfo: at === -1 ? undefined : authority.slice(0, at),
    path: path.slice(1),
    query,
  }
}

function splitHost(authority: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority)
  if (bracketed?.[1] === '') throw invalid('its brackets are empty', 'Put an IPv6 address into them: [::1].')
  if (bracketed) return { host: decode(bracketed[1] ?? '', 'the host'), port: bracketed[2] }
  const parts = authority.split(':')
  if (parts.length > 2)
    throw invalid('the host holds several colons', 'Put an IPv6 address into brackets: [::1].')
  return { host: decode(parts[0] ?? '', 'the host'), port: parts[1] }
}

function oneHost(host: string): string {
  if (!host.includes(',')) return host
  throw invalid('it names several hosts', 'Name the one server that is meant.')
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw invalid('the port is not a number from 1 to 65535', ENCODE_HINT)
  return port
}

function choice<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found === undefined)
    throw invalid(`${name} is none of ${allowed.join(', ')}`, `Correct ${name} in the URL.`)
  return found
}

/** Reads the parameters after the `?`; the names are libpq's. */
function parseParameters(query: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals), 'a parameter')
    if (equals === -1)
      throw invalid('a parameter has no value', 'Write parameters as name=value, joined by &.')
    parameters.set(name === 'ssl' ? 'sslmode' : name, decode(pair.slice(equals + 1), `the parameter ${name}`))
  }
  return parameters
}

const KNOWN_PARAMETERS = new Set([
  'application_name',
  'channel_binding',
  'connect_timeout',
  'dbname',
  'host',
  'options',
  'password',
  'port',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'user',
])

function checkParameters(parameters: Map<string, string>): void {
  for (const name of parameters.keys()) {
    if (KNOWN_PARAMETERS.has(name) || FOREIGN_PARAMETERS.has(name)) continue
    throw invalid(
      /^[a-z_]{1,40}$/.test(name) ? `it has an unknown parameter, ${name}` : 'it has an unknown parameter',
      `Known parameters: ${[...KNOWN_PARAMETERS].toSorted((a, b) => (a < b ? -1 : 1)).join(', ')}.`,
    )
  }
}

/** Reads `sslmode`; `true`, as JDBC and postgres.js write it, means `require`, and `false` means `disable`. */
function parseSslMode(value: string | undefined): SslMode | undefined {
  if (value === undefined) return undefined
  if (value === 'true') return 'require'
  if (value === 'false') return 'disable'
  if (!isSslMode(value))
    throw invalid(`sslmode is none of ${SSL_MODES.join(', ')}`, 'Correct sslmode in the URL.')
  return value
}

function parseTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^\d{1,6}$/.test(value))
    throw invalid('connect_timeout is not a whole number of seconds', 'Correct it in the URL.')
  // libpq: zero or less means no limit
  return value === '0' ? undefined : Number(value) * 1000
}

/**
 * Takes a connection URL apart. An ambiguous URL is refused, and no message repeats any part of it: what looks
 * like a host may be half of a password.
 * @param url `postgres://user:password@host:port/database?sslmode=…` (or `postgresql://`)
 * @param defaultUser taken when the URL names none, as libpq takes the name of the operating system's user
 * @throws {UsageError} `INVALID_URL`, with what is wrong and how to write it
 */
export function parseConnectionUrl(url: string, defaultUser = 'postgres'): Target {
  const text = url.trim()
  const scheme = /^postgres(?:ql)?:\/\//i.exec(text)
  if (!scheme)
    throw invalid(
      'it does not begin with postgres:// or postgresql://',
      'Example: postgres://user:password@localhost:5432/app',
    )
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0020\u007f]/.test(text))
    throw invalid('it holds white space or a control character', 'Percent-encode a blank as %20.')
  const { authority, userInfo, path, query } = split(text.slice(scheme[0].length))
  const parameters = parseParameters(query)
  checkParameters(parameters)
  const colon = userInfo?.indexOf(':') ?? -1
  const user = userInfo && decode(colon === -1 ? userInfo : userInfo.slice(0, colon), 'the user name')
  const password = userInfo && colon !== -1 ? decode(userInfo.slice(colon + 1), 'the password') : undefined
  const { host, port } = splitHost(authority)
  const channelBinding = parameters.get('channel_binding')
  const database = parameters.get('dbname') || decode(path, 'the database name')
  if (Buffer.byteLength(database) > MAX_NAME_BYTES)
    throw invalid(
      `the database name has more than ${MAX_NAME_BYTES} bytes`,
      'PostgreSQL cuts longer names off, which could make it the name of another database: shorten it.',
    )
  // As with libpq, a parameter counts before what stands in front of the ?: …@localhost/db?host=/tmp means /tmp.
  return {
    host: oneHost(parameters.get('host') || host || 'localhost'),
    port: parsePort(parameters.get('port') || port),
    user: parameters.get('user') || user || defaultUser,
    password: parameters.get('password') || password || undefined,
    database,
    sslMode: parseSslMode(parameters.get('sslmode')),
    sslRootCert: parameters.get('sslrootcert'),
    sslCert: parameters.get('sslcert'),
    sslKey: parameters.get('sslkey'),
    channelBinding:
      channelBinding === undefined
        ? 'prefer'
        : choice('channel_binding', channelBinding, ['disable', 'prefer', 'require']),
    applicationName: parameters.get('application_name'),
    options: parameters.get('options'),
    connectTimeout: parseTimeout(parameters.get('connect_timeout')),
  }
}

/** Percent-encoded, with the characters as well that RFC 3986 reserves and `encodeURIComponent` leaves: a shell reads them. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * The URL of a target, which `parseConnectionUrl` reads as the same.
 * @returns e.g. `postgres://cruddur:a%2Fb@db.example.com:5432/cruddur?sslmode=verify-full`
 */
export function connectionUrl(
  target: Pick<Target, 'host' | 'port' | 'user' | 'password' | 'database' | 'sslMode'>,
): string {
  const host = target.host.includes(':') ? `[${target.host}]` : encode(target.host)
  const password = target.password === undefined ? '' : `:${encode(target.password)}`
  const sslMode = target.sslMode === undefined ? '' : `?sslmode=${target.sslMode}`
  return `postgres://${encode(target.user)}${password}@${host}:${target.port}/${encode(target.database)}${sslMode}`
}

/**
 * The URL without its password: what may be shown.
 * @returns e.g. `postgres://cruddur@db.example.com:5432/cruddur`
 */
export function displayUrl(target: Target): string {
  return connectionUrl({ ...target, password: undefined, sslMode: undefined })
}

/** The URL as it may be shown where there is a password: with a mask in its place. */
export function maskedUrl(target: Omit<Parameters<typeof connectionUrl>[0], 'password'>): string {
  // The user name's own @ would be encoded.
  return connectionUrl({ ...target, password: undefined }).replace('@', `:${MASK}@`)
}
