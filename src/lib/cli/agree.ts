import { askLine } from './ask-line.ts'

/**
 * How a plan is agreed to on the command line: by `--yes`; else, on a terminal, by a person who has seen it; else not at all.
 * @param yes whether `--yes` was given
 * @param question without its ending, e.g. `Make it?`
 * @throws {InterruptedError} on Ctrl-C
 */
export async function agree(yes: boolean, question: string, signal: AbortSignal): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  // Ctrl-D is no.
  const answer = await askLine(`${question} [y/N] `, signal)
  return /^y(?:es)?$/i.test(answer ?? '')
}
