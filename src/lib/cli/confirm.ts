import { describeFacts, type Confirmation, type GuardQuestion } from '../target/guard.ts'
import { askLine } from './ask-line.ts'
import { paint } from './report.ts'

/**
 * How the guard is answered on the command line: by `--confirm`; else, on a terminal, by a person who is shown the
 * database and types its name; else not at all.
 */
export function confirmation(
  flag: string | undefined,
  signal: AbortSignal,
  beforeAsking: () => void,
): Confirmation {
  if (flag !== undefined) return flag
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question) => {
    beforeAsking()
    return ask(question, signal)
  }
}

/** @throws {InterruptedError} on Ctrl-C */
async function ask(question: GuardQuestion, signal: AbortSignal): Promise<string | undefined> {
  const { database } = question.facts
  process.stderr.write(`${paint('yellow', `About to ${question.action} a protected database:`)}\n`)
  for (const line of describeFacts(question)) process.stderr.write(`  ${line}\n`)
  // Ctrl-D is no.
  return askLine(`Type ${paint('bold', database)} to go on (or use --confirm ${database}): `, signal)
}
