import { isIP, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Target } from '../target/connection-url.ts'
import { CruddurError, InterruptedError } from '../errors.ts'
import { connectionError, notPostgresError, timeoutError } from './connection-errors.ts'
import { tlsOptions, unusableCertificate, type TlsPlan, type TlsSources } from './tls.ts'
import { SSL_REQUEST } from './wire/messages.ts'

/** A connected byte stream to a server, before the protocol's start-up. */
export interface ServerSocket {
  stream: Socket | TLSSocket
  /** The server's certificate (DER) when the stream is encrypted. */
  certificate: Buffer | undefined
}

export interface SocketOptions {
  /** Whether to ask for TLS; with plan mode `prefer` the server may decline. */
  encrypt: boolean
  plan: TlsPlan
  sources: TlsSources
  /** Milliseconds for the whole way up to an encrypted stream. */
  timeout: number
  signal: AbortSignal | undefined
}

/** How long one of several addresses of a host is tried, in milliseconds; Node's 250 are too few across an ocean. */
const ATTEMPT_TIMEOUT = 3000

/** Seconds after which an idle connection is probed (TCP keep-alive), so that a dead peer is noticed. */
const KEEP_ALIVE_SECONDS = 30

/**
 * Connects to the target's host and port (or Unix socket) and, where asked, negotiates TLS with SSLRequest.
 * @throws {CruddurError} see `connectionError`
 */
export async function openSocket(target: Target, options: SocketOptions): Promise<ServerSocket> {
  const socket = new Socket()
  socket.setNoDelay(true)
  socket.setKeepAlive(true, KEEP_ALIVE_SECONDS * 1000)
  const deadline = guardSocket(socket, target, options)
  try {
    const connected = waitForEvent(socket, 'connect', target)
    if (target.host.startsWith('/')) socket.connect(`${target.host}/.s.PGSQL.${target.port}`)
    else
      socket.connect({
        host: target.host,
        port: target.port,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT,
      })
    await connected
    if (!options.encrypt) return { stream: socket, certificate: undefined }
    return await encrypt(socket, target, options)
  } catch (error) {
    socket.destroy()
    throw deadline.reason ?? error
  } finally {
    deadline.clear()
  }
}

/** Destroys the socket when the time is over or the caller gives up; `reason` then says why. */
function guardSocket(
  socket: Socket,
  target: Target,
  options: SocketOptions,
): { reason?: CruddurError; clear(): void } {
  const guard: { reason?: CruddurError; clear(): void } = { clear: () => undefined }
  const stop = (reason: CruddurError) => {
    guard.reason = reason
    socket.destroy(reason)
  }
  const timer = setTimeout(() => stop(timeoutError(target, options.timeout)), options.timeout)
  const onAbort = () => stop(new InterruptedError())
  if (options.signal?.aborted) onAbort()
  options.signal?.addEventListener('abort', onAbort)
  guard.clear = () => {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', onAbort)
  }
  return guard
}

function waitForEvent(socket: Socket, event: string, target: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(connectionError(error, target))
    const onClose = () => reject(connectionError(new Error('closed'), target))
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.once(event, () => {
      socket.off('error', onError)
      socket.off('close', onClose)
      resolve()
    })
  })
}

async function encrypt(socket: Socket, target: Target, options: SocketOptions): Promise<ServerSocket> {
  socket.write(SSL_REQUEST)
  const answer = await readAnswer(socket, target)
  if (answer === 'N') {
    if (options.plan.mode === 'prefer') return { stream: socket, certificate: undefined }
    throw new CruddurError(
      `The server at ${target.host}:${target.port} does not offer TLS, and sslmode=${options.plan.mode} asks for it.`,
      {
        code: 'TLS_NOT_OFFERED',
        kind: 'unreachable',
        hint: 'Turn ssl on at the server, or write sslmode=prefer or disable if the network is trusted.',
      },
    )
  }
  const { connect } = await import('node:tls')
  socket.removeAllListeners()
  const secure = secureWith(() =>
    connect({ ...tlsOptions(target, options.plan, options.sources, isIP(target.host) !== 0), socket }),
  )
  await waitForEvent(secure, 'secureConnect', target)
  return { stream: secure, certificate: secure.getPeerCertificate().raw }
}

/** OpenSSL reads certificates and keys at once, and throws errors of its own. */
function secureWith(start: () => TLSSocket): TLSSocket {
  try {
    return start()
  } catch (error) {
    if (error instanceof CruddurError) throw error
    throw unusableCertificate(error instanceof Error ? error.message : String(error), error)
  }
}

/** Reads the one byte that answers SSLRequest. More than one byte would be text injected before TLS (CVE-2021-23222). */
async function readAnswer(socket: Socket, target: Target): Promise<'S' | 'N'> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve)
    socket.once('error', (error) => reject(connectionError(error, target)))
    socket.once('close', () => reject(connectionError(new Error('closed'), target)))
  })
  const answer = bytes.toString('latin1')
  if (answer === 'S' || answer === 'N') {
    socket.removeAllListeners('error').removeAllListeners('close')
    return answer
  }
  throw notPostgresError(target)
}
