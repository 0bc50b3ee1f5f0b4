import { type NameQuestion, requireName } from '../confirm-name.ts'
import { groupedDigits } from '../grouped-digits.ts'
import { displayUrl, type Target } from './connection-url.ts'

/** The name of the mark, a setting of the database (`ALTER DATABASE … SET cruddur.environment = 'production'`). */
export const MARK_NAME = 'cruddur.environment'
export const PRODUCTION_MARK = 'production'

/** What a person must see before a protected database is touched. */
export interface GuardFacts {
  host: string
  port: number
  /** The address that answers: behind a tunnel it is not what the host name suggests. */
  serverAddress: string | undefined
  database: string
  owner: string | undefined
  /** Size on disk in bytes, if this user may know it. */
  bytes: number | undefined
  /** Other sessions in the database. */
  sessions: number
}

/** A question to whoever may answer for a protected database. */
export interface GuardQuestion {
  /** What is about to be done, e.g. `drop`. */
  action: string
  facts: GuardFacts
  /** Why the database is protected. */
  reason: string
}

/**
 * How a protected action is confirmed: by the database's name given in advance, or by a function that asks for it.
 * The answer must be exactly the name.
 */
export type Confirmation = string | undefined | ((question: GuardQuestion) => Promise<string | undefined>)

/** The lines that describe a protected database, for a prompt or an error. */
export function describeFacts({ facts, reason }: Pick<GuardQuestion, 'facts' | 'reason'>): string[] {
  const address =
    facts.serverAddress && facts.serverAddress !== facts.host
      ? ` (the server's own address: ${facts.serverAddress})`
      : ''
  return [
    `host      ${facts.host}:${facts.port}${address}`,
    `database  ${facts.database}${facts.owner ? `, owned by ${facts.owner}` : ''}`,
    `size      ${facts.bytes === undefined ? 'not known to this user' : `${groupedDigits(facts.bytes)} bytes`}`,
    `sessions  ${facts.sessions}`,
    `protected because ${reason}`,
  ]
}

/** The guard's question as one for any name. */
export function nameQuestion(question: GuardQuestion, meant?: string): NameQuestion {
  const { action, reason, facts } = question
  return {
    action,
    noun: 'protected database',
    name: facts.database,
    lines: describeFacts(question),
    meant,
    details: { reason, ...facts },
  }
}

/**
 * Lets an action on a protected database pass only if the database's name was given.
 * @throws {CruddurError} `NOT_CONFIRMED`, kind `refused`
 */
export function requireConfirmation(
  question: GuardQuestion,
  confirmation: Confirmation,
  target: Target,
): Promise<void> {
  return requireName(
    nameQuestion(question, displayUrl(target)),
    typeof confirmation === 'function' ? () => confirmation(question) : confirmation,
  )
}
