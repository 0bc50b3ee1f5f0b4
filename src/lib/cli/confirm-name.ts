import type { NameConfirmation, NameQuestion } from '../confirm-name.ts'
import { askLine } from './ask-line.ts'
import { printable } from './format.ts'
import { paint } from './report.ts'

/**
 * How a question for a name is answered on the command line: by `--confirm`; else, on a terminal, by a person who is
 * shown what it is about and types the name; else not at all.
 * @param beforeAsking makes room, e.g. pauses what shows progress
 */
export function nameConfirmation(
  flag: string | undefined,
  signal: AbortSignal,
  beforeAsking: () => void = () => undefined,
): NameConfirmation {
  if (flag !== undefined) return flag
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (question) => {
    beforeAsking()
    return askForName(question, signal)
  }
}

/**
 * Shows what is about to be done and asks for the name; Ctrl-D is no.
 * @throws {InterruptedError} on Ctrl-C
 */
async function askForName(
  { action, noun, name, lines }: NameQuestion,
  signal: AbortSignal,
): Promise<string | undefined> {
  process.stderr.write(`${paint('yellow', `About to ${action} ${article(noun)} ${noun}:`)}\n`)
  for (const line of lines) process.stderr.write(`  ${printable(line)}\n`)
  return askLine(`Type ${paint('bold', name)} to go on (or use --confirm ${name}): `, signal)
}

/** As they are spoken: an RDS instance, an Aurora cluster, a protected database. */
function article(noun: string): string {
  return /^(?:[aeiou]|RDS\b)/i.test(noun) ? 'an' : 'a'
}
