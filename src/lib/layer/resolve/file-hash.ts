import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** SHA-256 of a file in hex, and its size in bytes. */
export async function digestOf(path: string): Promise<{ sha256: string; size: number }> {
  const { hash, size } = await hashOf(path)
  return { sha256: hash.digest('hex'), size }
}

/** The same, to be gone on with. */
export async function hashOf(path: string): Promise<{ hash: Hash; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    size += chunk.length
  }
  return { hash, size }
}
