import type { Target } from '../target/connection-url.ts'
import { CruddurError } from '../errors.ts'
import { isRdsHost } from '../target/rds-host.ts'
import { ServerError, type ServerMessage } from './server-message.ts'

interface Translation {
  code: string
  message: (where: string, target: Target) => string
  hint: string
}

const REACH_HINT =
  'Check host and port, and that a server runs there; cruddur db server start starts the embedded one.'
const ROUTE_HINT = 'Check the network, the VPN and the firewall.'
const RENEW_HINT = "Renew it at the server (on RDS: modify the instance's CA certificate)."
const ROOT_HINT =
  'Name the root that signed it with sslrootcert=FILE, or use sslmode=require if the network is trusted.'

/** Failures of the operating system or of TLS, by Node's error code. */
const NODE_ERRORS: Readonly<Record<string, Translation>> = {
  ECONNREFUSED: {
    code: 'SERVER_NOT_RUNNING',
    message: (where) => `Nothing listens on ${where}.`,
    hint: REACH_HINT,
  },
  ENOENT: {
    code: 'SERVER_NOT_RUNNING',
    message: (where) => `There is no socket for ${where}.`,
    hint: REACH_HINT,
  },
  ENOTDIR: {
    code: 'SERVER_NOT_RUNNING',
    message: (where) => `There is no socket for ${where}: it is not a folder.`,
    hint: REACH_HINT,
  },
  EINVAL: {
    code: 'SERVER_NOT_RUNNING',
    message: (where) => `There is no socket for ${where}: its path is longer than the system allows.`,
    hint: REACH_HINT,
  },
  EACCES: {
    code: 'SERVER_UNREACHABLE',
    message: (where) => `The socket of ${where} may not be used by this user.`,
    hint: 'Use a user who may, or a TCP connection.',
  },
  ENOTFOUND: {
    code: 'HOST_NOT_FOUND',
    message: (_, t) => `The host name "${t.host}" is not known.`,
    hint: 'Check its spelling, and whether it needs a VPN.',
  },
  EAI_AGAIN: {
    code: 'HOST_NOT_FOUND',
    message: (_, t) => `The host name "${t.host}" could not be looked up just now.`,
    hint: 'Check the network and try again.',
  },
  EHOSTUNREACH: {
    code: 'SERVER_UNREACHABLE',
    message: (where) => `There is no route to ${where}.`,
    hint: ROUTE_HINT,
  },
  ENETUNREACH: {
    code: 'SERVER_UNREACHABLE',
    message: (where) => `There is no route to ${where}.`,
    hint: ROUTE_HINT,
  },
  ETIMEDOUT: {
    code: 'CONNECT_TIMEOUT',
    message: (where) => `${where} did not answer in time.`,
    hint: ROUTE_HINT,
  },
  CERT_HAS_EXPIRED: {
    code: 'TLS_CERTIFICATE',
    message: (where) => `The certificate of ${where} has expired.`,
    hint: RENEW_HINT,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    code: 'TLS_CERTIFICATE',
    message: (where) => `The certificate of ${where} is made out to another name.`,
    hint: 'Connect by the name in the certificate, or use sslmode=verify-ca if you trust its root.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    code: 'TLS_CERTIFICATE',
    message: (where) => `The certificate of ${where} is signed by itself, not by a trusted root.`,
    hint: ROOT_HINT,
  },
}

/** OpenSSL's verification failures that all mean: no trusted root signed this (Node.js documentation, "X509 certificate error codes"). */
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
])

/** Further verification failures that OpenSSL names, in words. */
const UNFIT: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: 'is not valid yet; the clock of one of the two may be wrong',
  CERT_REVOKED: 'has been revoked',
  INVALID_CA: 'is signed by one that may not sign others',
  INVALID_PURPOSE: 'is not made for servers',
}

/** TLS alerts by which a server refuses the certificate of its client (RFC 8446 §6.2), as Node.js names them. */
const CLIENT_REFUSED =
  /_ALERT_(?:BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(?:REQUIRED|EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE)$/
const CLIENT_HINT =
  'Name a certificate that the server trusts, and its key, with sslcert=FILE and sslkey=FILE in the connection URL.'

/** Where the target is, for a sentence: `host:port`, or the directory of a Unix socket. */
function place(target: Target): string {
  return target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`
}

function unreachable(code: string, message: string, hint: string, cause?: unknown): CruddurError {
  return new CruddurError(message, { code, hint, kind: 'unreachable', cause })
}

/** Puts a failure below the protocol (socket, name, TLS) into words. */
export function connectionError(error: Error, target: Target): CruddurError {
  if (error instanceof CruddurError) return error
  const code = (error as NodeJS.ErrnoException).code ?? firstCode(error) ?? ''
  const known = NODE_ERRORS[code]
  if (known) return unreachable(known.code, known.message(place(target), target), known.hint, error)
  if (UNTRUSTED.has(code))
    return unreachable(
      'TLS_CERTIFICATE',
      `The certificate of ${place(target)} is not signed by a trusted root.`,
      ROOT_HINT,
      error,
    )
  if (UNFIT[code])
    return unreachable(
      'TLS_CERTIFICATE',
      `The certificate of ${place(target)} ${UNFIT[code]}.`,
      RENEW_HINT,
      error,
    )
  if (CLIENT_REFUSED.test(code))
    return unreachable(
      'CLIENT_CERTIFICATE',
      `${place(target)} ${target.sslCert === undefined ? 'asks for a certificate of its client' : 'does not accept the certificate of sslcert'}.`,
      CLIENT_HINT,
      error,
    )
  if (code.startsWith('ERR_SSL') || code === 'EPROTO')
    return unreachable(
      'TLS_FAILED',
      `The TLS handshake with ${place(target)} failed.`,
      'The server may speak no TLS 1.2, or a proxy may be in between.',
      error,
    )
  return unreachable(
    'CONNECTION_CLOSED',
    `The connection to ${place(target)} was closed before the server answered.`,
    'The server may still be starting, or something else listens there; try --wait 30s.',
    error,
  )
}

/** Node reports one error per address tried (`AggregateError`); the first one's code speaks for all. */
function firstCode(error: Error): string | undefined {
  return error instanceof AggregateError
    ? (error.errors[0] as NodeJS.ErrnoException | undefined)?.code
    : undefined
}

/** The error for a server that did not answer within `milliseconds`. */
export function timeoutError(target: Target, milliseconds: number): CruddurError {
  const hint = isRdsHost(target.host)
    ? 'On RDS this is mostly the security group: cruddur rds update-sg-rule lets this machine in.'
    : ROUTE_HINT
  return unreachable(
    'CONNECT_TIMEOUT',
    `${place(target)} did not answer within ${Math.round(milliseconds / 1000)} s.`,
    hint,
  )
}

/**
 * The error for a connection that broke while it was used.
 * @param last the last fatal error that the server sent
 * @param error what broke the stream, if it did not just end
 */
export function lostError(
  target: Target,
  last: ServerMessage | undefined,
  error: Error | undefined,
): CruddurError {
  const said = last ? ` The server's last words: ${last.message}.` : ''
  return new CruddurError(`The connection to ${place(target)} was lost.${said}`, {
    code: 'CONNECTION_LOST',
    kind: 'unreachable',
    hint: 'An open transaction is rolled back by the server. Try again when it is reachable.',
    details: last ? { ...last } : {},
    cause: error,
  })
}

/** The error for what answers, but not in the way of a PostgreSQL server. */
export function notPostgresError(target: Target, cause?: unknown): CruddurError {
  return unreachable(
    'NOT_POSTGRES',
    `What listens on ${place(target)} does not answer as a PostgreSQL server does.`,
    'Check the host and the port.',
    cause,
  )
}

/** The error for a session in which something came that the protocol does not allow; it cannot go on. */
export function protocolError(target: Target, cause: unknown): CruddurError {
  return unreachable(
    'PROTOCOL_VIOLATION',
    `The server at ${place(target)} sent something that is not in PostgreSQL's protocol; the connection was closed.`,
    'A proxy in between may have garbled it. Try again, or connect without it.',
    cause,
  )
}

/** Puts an error that the server sent during start-up into words (SQLSTATEs: "PostgreSQL Error Codes", appendix A). */
export function startupError(server: ServerMessage, target: Target, encrypted: boolean): CruddurError {
  const fail = (code: string, message: string, hint: string) =>
    new ServerError(server, { code, message, hint, kind: 'unreachable' })
  const { sqlstate } = server
  if (sqlstate === '28P01')
    return fail(
      'WRONG_PASSWORD',
      `The server at ${place(target)} did not accept the password of user "${target.user}".`,
      'Correct it in the connection URL (percent-encoded), PGPASSWORD or ~/.pgpass.',
    )
  if (sqlstate === '28000' && /pg_hba\.conf/.test(server.message)) return hbaError(server, target, encrypted)
  if (sqlstate === '28000' && /client certificate/.test(server.message))
    return fail(
      'CLIENT_CERTIFICATE',
      `The server at ${place(target)} refuses user "${target.user}": ${server.message}.`,
      CLIENT_HINT,
    )
  if (sqlstate === '28000' && /channel binding check failed/.test(server.message))
    return fail(
      'AUTHENTICATION_FAILED',
      `The server at ${place(target)} sees another TLS connection than ours: something in between ends it with a certificate of its own.`,
      'Connect without it; if it is a proxy that you trust, write channel_binding=disable into the URL.',
    )
  if (sqlstate === '28000')
    return fail(
      'LOGIN_REFUSED',
      `The server at ${place(target)} refuses user "${target.user}": ${server.message}.`,
      'Create the role or let it log in, or name another user in the URL.',
    )
  if (sqlstate === '3D000')
    return new ServerError(server, {
      code: 'NO_DATABASE',
      message: `There is no database "${target.database}" on ${place(target)}.`,
      hint: 'cruddur db setup makes and fills it, cruddur db create makes it empty; else correct the URL.',
    })
  if (sqlstate === '57P03')
    return fail(
      'SERVER_STARTING',
      `The server at ${place(target)} takes no connections just now: ${server.message}.`,
      'Wait for it with --wait 60s.',
    )
  if (sqlstate === '53300')
    return fail(
      'TOO_MANY_CONNECTIONS',
      `The server at ${place(target)} has no connection left: ${server.message}.`,
      'End idle sessions (cruddur db sessions kill --idle-in-transaction 10m), or raise max_connections.',
    )
  return fail(
    'LOGIN_REFUSED',
    `The server at ${place(target)} refused the connection: ${server.message}.`,
    server.hint ?? 'Check user, database and the rights on it.',
  )
}

function hbaError(server: ServerMessage, target: Target, encrypted: boolean): CruddurError {
  const overWhat = encrypted ? 'over TLS' : 'without TLS'
  return new ServerError(server, {
    code: 'HBA_REFUSED',
    kind: 'unreachable',
    message: `pg_hba.conf of ${place(target)} has no rule that lets user "${target.user}" into "${target.database}" ${overWhat} from this address.`,
    hint: encrypted
      ? 'Add a hostssl line for this user, database and address at the server.'
      : 'If the server wants TLS, write sslmode=require or verify-full into the URL; else add a host line at the server.',
  })
}
