import { CruddurError } from './errors.ts'

/** A question to whoever may answer for something that is not to be touched by mistake: its name is the answer. */
export interface NameQuestion {
  /** What is about to be done, as it goes before what it is done to: `drop`, `reset the password of`. */
  action: string
  /** What it is: `protected database`, `RDS instance`. */
  noun: string
  name: string
  /** What a person must see of it before. */
  lines: readonly string[]
  /** What tells it from others of the same name, for the hint; the name itself when not given. */
  meant?: string | undefined
  /** The same for programs, free of secrets. */
  details?: Record<string, unknown> | undefined
}

/** How it is confirmed: by the name given in advance, or by a function that asks for it. The answer must be exactly the name. */
export type NameConfirmation = string | undefined | ((question: NameQuestion) => Promise<string | undefined>)

/**
 * Lets an action pass only if the name of what it is done to was given.
 * @throws {CruddurError} `NOT_CONFIRMED`, kind `refused`
 */
export async function requireName(question: NameQuestion, confirmation: NameConfirmation): Promise<void> {
  const { action, noun, name, lines, meant = name } = question
  const answer = typeof confirmation === 'function' ? await confirmation(question) : confirmation
  if (answer === name) return
  const wrong = answer !== undefined && answer !== ''
  throw new CruddurError(
    wrong
      ? `"${answer}" is not the name of the ${noun}; nothing was done.`
      : `"${action}" on the ${noun} "${name}" was not confirmed; nothing was done.`,
    {
      code: 'NOT_CONFIRMED',
      kind: 'refused',
      hint: `If you mean ${meant}, add --confirm ${name}`,
      context: lines.join('\n'),
      details: { action, ...(question.details ?? { name }) },
    },
  )
}
