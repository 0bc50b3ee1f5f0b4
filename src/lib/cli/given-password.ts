import { askHidden } from './ask-hidden.ts'

/**
 * A password that somebody gives: asked for on a terminal without being shown, else the first line of the input.
 * @param whose for the question, e.g. `the master user`
 * @returns empty if there was none
 * @throws {InterruptedError} on Ctrl-C
 */
export async function givenPassword(whose: string, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY) return (await askHidden(`Password for ${whose}: `, signal)) ?? ''
  const { createInterface } = await import('node:readline')
  for await (const line of createInterface({ input: process.stdin, signal })) return line
  return ''
}
