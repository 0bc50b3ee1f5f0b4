import { type Confirmation, nameQuestion } from '../target/guard.ts'
import { nameConfirmation } from './confirm-name.ts'

/** How the guard of databases is answered on the command line; see `nameConfirmation`. */
export function confirmation(
  flag: string | undefined,
  signal: AbortSignal,
  beforeAsking: () => void,
): Confirmation {
  const answer = nameConfirmation(flag, signal, beforeAsking)
  return typeof answer === 'function' ? (question) => answer(nameQuestion(question)) : answer
}
