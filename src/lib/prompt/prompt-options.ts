import type { Readable, Writable } from 'node:stream'
import type { ConnectOptions } from '../postgres/connect.ts'
import type { Target } from '../target/connection-url.ts'

export interface PromptOptions {
  target: Target
  /** How to connect, also again and to cancel: `wait`, `tlsSources`, `applicationName`. */
  connect?: Omit<ConnectOptions, 'signal' | 'onNotice'> | undefined
  /** Statements are read from it; a terminal's is put into raw mode meanwhile. */
  input: Readable
  /** Gets the results, */
  output: Writable
  /** and this one errors, notices and remarks. */
  errorOutput: Writable
  /** Whether a person sits at the input: lines are edited, prompts are shown, and an error does not end it. */
  terminal: boolean
  /**
   * Texts to carry out, one after the other, instead of what stands in the input, which then is data for COPY. As with
   * psql's `-c`, one that holds nothing but SQL is one message, and so one transaction; one with backslash commands runs
   * statement by statement.
   */
  commands?: readonly string[] | undefined
  /** Whether escape sequences for colours may be written. */
  color?: boolean | undefined
  /** The terminal's width, asked for at each result; that of `output` by default. */
  columns?: (() => number | undefined) | undefined
  /** Path of the file that keeps what was typed; without it nothing is kept. */
  historyFile?: string | undefined
  /** Stands in red before the prompt, e.g. `PRODUCTION`; a database that bears the mark gets it anyway. */
  label?: string | undefined
  /** Folder that `\i` and `\copy` start from. */
  directory: string
  /** Where scripts that come through a pipe are kept while they are read; the system's own place by default. */
  temporaryDirectory?: string | undefined
  /** For `\getenv`; empty by default. */
  environment?: Readonly<Record<string, string | undefined>> | undefined
  signal?: AbortSignal | undefined
}

/** Whether a person types the statements. */
export function isInteractive({ terminal, commands }: PromptOptions): boolean {
  return terminal && commands === undefined
}

/** Whether results go to a terminal, which would obey the control characters in them. */
export function showsOnTerminal({ terminal, output }: PromptOptions): boolean {
  return terminal || (output as { isTTY?: boolean }).isTTY === true
}

/** How a prompt ended. */
export interface PromptEnd {
  /** How many statements were sent. */
  statements: number
  /** A transaction was open, and was rolled back. */
  rolledBack: boolean
}
