import { InterruptedError } from '../errors.ts'

/**
 * Asks a person on the terminal for a line; what is typed is shown.
 * @returns `undefined` when the input ends (Ctrl-D)
 * @throws {InterruptedError} on Ctrl-C
 */
export async function askLine(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const interrupted = new AbortController()
  terminal.once('SIGINT', () => interrupted.abort())
  try {
    return (
      await terminal.question(question, { signal: AbortSignal.any([signal, interrupted.signal]) })
    ).trim()
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    // The question stands on a line without an end.
    process.stderr.write('\n')
    if (signal.aborted || interrupted.signal.aborted)
      throw new InterruptedError('Interrupted; nothing was done.')
    return undefined
  } finally {
    terminal.close()
  }
}
