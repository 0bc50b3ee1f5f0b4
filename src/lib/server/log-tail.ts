import { open } from 'node:fs/promises'
import { errnoOf } from './errno.ts'

/** How much of a file's end is read at most, in bytes: enough for some thousand lines. */
const MOST_BYTES = 256 * 1024

/**
 * Reads the last lines of a log without reading all of it.
 * @param count how many lines at most
 * @param from offset in bytes before which nothing is read
 * @returns none when there is no such file
 */
export async function tailLines(path: string, count: number, from = 0): Promise<string[]> {
  const file = await open(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!file) return []
  try {
    const { size } = await file.stat()
    const start = Math.max(from, size - MOST_BYTES)
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.max(0, size - start)),
      position: start,
    })
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n')
    // Cut in the middle of a line: leave its rest out.
    if (start > from && lines.length > 1) lines.shift()
    return lines[0] === '' && lines.length === 1 ? [] : lines.slice(-count)
  } finally {
    await file.close()
  }
}
