import { askLine } from '../ask-line.ts'

/**
 * Asks a person whether a bucket may be created; nobody, where there is no terminal.
 * @throws {InterruptedError} on Ctrl-C
 */
export function confirmBucket(signal: AbortSignal): ((bucket: string) => Promise<boolean>) | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (bucket) => {
    const answer = await askLine(
      `The zip is too large to go with the request. Create the private, encrypted bucket ${bucket} for it? [y/N] `,
      signal,
    )
    return /^y(?:es)?$/i.test(answer ?? '')
  }
}
