import type { Hash } from 'node:crypto'
import { createRequire } from 'node:module'

/** Begins a SHA-256 hash. Only now is `node:crypto` loaded, which takes 5 ms: most commands hash nothing. */
export function sha256(): Hash {
  const { createHash } = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto')
  return createHash('sha256')
}
