import { createReadStream } from 'node:fs'
import { CruddurError, throwIfAborted } from '../errors.ts'
import { sha256 } from '../sha256.ts'

/** The SHA-256 of a file, as Lambda shows it and as file names can hold it. */
export interface FileHash {
  base64: string
  hex: string
}

/**
 * Hashes a file in pieces.
 * @throws {CruddurError} `FILE_NOT_READABLE`
 * @throws {InterruptedError}
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<FileHash> {
  const hash = sha256()
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      throwIfAborted(signal)
      hash.update(chunk as Buffer)
    }
  } catch (error) {
    if (error instanceof CruddurError) throw error
    throw new CruddurError(`"${path}" cannot be read: ${(error as Error).message}.`, {
      code: 'FILE_NOT_READABLE',
      details: { file: path },
      cause: error,
    })
  }
  const digest = hash.digest()
  return { base64: digest.toString('base64'), hex: digest.toString('hex') }
}
