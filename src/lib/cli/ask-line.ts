import { InterruptedError } from '../errors.ts'

/**
 * Asks a person on the terminal for a line; what is typed is shown.
 * @throws {InterruptedError} on Ctrl-C, and when the input ends
 */
export async function askLine(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const stopped = new AbortController()
  for (const event of ['SIGINT', 'close'] as const) terminal.once(event, () => stopped.abort())
  try {
    return (await terminal.question(question, { signal: AbortSignal.any([signal, stopped.signal]) })).trim()
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    process.stderr.write('\n')
    throw new InterruptedError()
  } finally {
    terminal.close()
  }
}
