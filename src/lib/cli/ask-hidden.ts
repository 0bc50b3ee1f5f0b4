import { Writable } from 'node:stream'
import { InterruptedError } from '../errors.ts'

/**
 * Asks a person on the terminal for a line that is not shown: neither what is typed, nor how long it is.
 * @returns `undefined` when the input ends (Ctrl-D)
 * @throws {InterruptedError} on Ctrl-C
 */
export async function askHidden(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // With `terminal` the line can be edited, and the terminal's own echo is off.
  const terminal = createInterface({
    input: process.stdin,
    output: nowhere,
    terminal: true,
    historySize: 0,
  })
  const interrupted = new AbortController()
  terminal.once('SIGINT', () => interrupted.abort())
  const ended = new AbortController()
  terminal.once('close', () => ended.abort())
  process.stderr.write(question)
  try {
    return await terminal.question('', {
      signal: AbortSignal.any([signal, interrupted.signal, ended.signal]),
    })
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    if (signal.aborted || interrupted.signal.aborted)
      throw new InterruptedError('Interrupted; nothing was done.')
    return undefined
  } finally {
    // Enter was not shown either.
    process.stderr.write('\n')
    terminal.close()
  }
}
