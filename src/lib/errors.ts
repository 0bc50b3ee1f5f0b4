/**
 * What kind of failure an error is. The CLI derives the exit code from it:
 * `failed` 1, `usage` and `refused` 2, `unreachable` 3, `interrupted` 130.
 */
export type ErrorKind = 'failed' | 'usage' | 'refused' | 'unreachable' | 'interrupted'

/** Everything an error can carry besides its message. */
export interface ErrorOptions {
  /** Stable, upper-case name of the situation, for programs: `DATABASE_EXISTS`, `NOT_CONFIRMED`, … */
  code: string
  /** One sentence: what to do next. */
  hint?: string | undefined
  /** Further lines for people to read below the message, e.g. the failing line with a caret. */
  context?: string | undefined
  /** Machine-readable facts, JSON-serialisable and free of secrets. */
  details?: Record<string, unknown> | undefined
  /** What kind of failure it is; `failed` unless said otherwise. */
  kind?: ErrorKind | undefined
  cause?: unknown
}

/** The base of every error this library throws on purpose. Anything else that escapes is a bug. */
export class CruddurError extends Error {
  override readonly name: string = 'CruddurError'
  readonly code: string
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly context: string | undefined
  readonly details: Record<string, unknown>

  constructor(message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.kind = options.kind ?? 'failed'
    this.hint = options.hint
    this.context = options.context || undefined
    this.details = options.details ?? {}
  }
}

/** The caller asked for something that makes no sense: a bad URL, two targets at once, an unknown file. */
export class UsageError extends CruddurError {
  override readonly name = 'UsageError'

  constructor(message: string, options: Omit<ErrorOptions, 'kind'>) {
    super(message, { ...options, kind: 'usage' })
  }
}

/** The work was stopped by Ctrl-C or by the caller's `AbortSignal`. */
export class InterruptedError extends CruddurError {
  override readonly name = 'InterruptedError'

  constructor(message = 'Interrupted.', hint?: string) {
    super(message, { code: 'INTERRUPTED', hint, kind: 'interrupted' })
  }
}

/**
 * Throws when the signal has been aborted.
 * @throws {InterruptedError}
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError()
}
