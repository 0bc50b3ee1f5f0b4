import { readFileSync } from 'node:fs'
import type { ScriptFile } from '../../src/lib/script/source.ts'

/** A script in memory that hands out so many bytes at a time, whatever the reader asks for. */
export function chunkedScript(name: string, bytes: Buffer, chunkBytes: number): ScriptFile {
  return {
    name,
    size: bytes.length,
    read() {
      let at = 0
      return {
        async next() {
          if (at >= bytes.length) return undefined
          // A copy, so that nobody profits from what lies behind the chunk.
          const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes))
          at += chunk.length
          return chunk
        },
        close: () => Promise.resolve(),
      }
    },
    close: () => Promise.resolve(),
  }
}

/** The same for a file. */
export function chunkedFile(path: string, name: string, chunkBytes: number): ScriptFile {
  return chunkedScript(name, readFileSync(path), chunkBytes)
}
