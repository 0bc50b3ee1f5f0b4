import type { ScriptReader } from '../script/script-reader.ts'

/** Reads a text that is in memory, in one piece. */
export function textReader(text: Buffer): ScriptReader {
  let left: Buffer | undefined = text
  return {
    async next() {
      const chunk = left
      left = undefined
      return chunk
    },
    close: async () => undefined,
  }
}
