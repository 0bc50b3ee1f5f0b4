import type { Connection } from '../postgres/connection.ts'
import type { OpenQuote } from './open-quote.ts'
import type { Style } from './style.ts'
import { visible } from './visible-text.ts'

/** What the next line is read for. */
export type Awaiting =
  /** A statement or a command. */
  | { kind: 'statement'; skipping: boolean }
  /** The rest of a statement; the character says what is open. */
  | { kind: 'rest'; open: OpenQuote | '(' | '-' }
  /** A line of data for COPY. */
  | { kind: 'data' }

/** What a prompt shows besides that. */
export interface PromptFacts {
  connection: Connection
  /** Stands before the prompt, in red: `PRODUCTION`. */
  label: string | undefined
  style: Style
}

/**
 * The prompt as psql writes it (`%/%R%x%# `): `db=> `, `db-> ` for the rest of a statement, `db=*> ` in a transaction,
 * `db=!> ` in a failed one, `db!> ` without a connection, `#` for superusers.
 */
export function promptText(awaiting: Awaiting, { connection, label, style }: PromptFacts): string {
  if (awaiting.kind === 'data') return '>> '
  const mark = connection.parameters.get('is_superuser') === 'on' ? '#' : '>'
  const before = label === undefined ? '' : `${style.alarm(visible(label))} `
  return `${before}${visible(connection.target.database)}${state(awaiting, connection)}${mark} `
}

function state(awaiting: Exclude<Awaiting, { kind: 'data' }>, connection: Connection): string {
  const transaction = { I: '', T: '*', E: '!' }[connection.transactionStatus]
  if (awaiting.kind === 'rest') return `${awaiting.open}${transaction}`
  if (awaiting.skipping) return `@${transaction}`
  return connection.alive ? `=${transaction}` : '!'
}
