import { type FileHandle, open } from 'node:fs/promises'
import { sha256 } from '../../sha256.ts'
import type { LayerBucket, Part } from './layer-bucket.ts'

/** Bytes of a part: S3 wants at least 5 MiB. */
const PART = 8_388_608
/** Parts that are on their way at once. */
const AT_ONCE = 3

export interface UploadOptions {
  bucket: LayerBucket
  /** The same bucket without the signal: it also cleans up when the upload was interrupted. */
  cleaner: LayerBucket
  key: string
  path: string
  /** Bytes of the file. */
  size: number
  onBytes?: ((done: number) => void) | undefined
}

/**
 * Puts a file into a bucket, in parts where it is large. Each part is sent with its checksum. What fails leaves nothing behind.
 * @throws {CruddurError} `BUCKET_…`, `AWS_…`
 * @throws {InterruptedError}
 */
export async function uploadZip(options: UploadOptions): Promise<void> {
  const { bucket, key, path, size, onBytes } = options
  const file = await open(path)
  try {
    if (size > PART) await uploadParts(file, options)
    else await bucket.put(key, await readPart(file, 1, size))
    onBytes?.(size)
  } finally {
    await file.close()
  }
}

async function uploadParts(file: FileHandle, options: UploadOptions): Promise<void> {
  const { bucket, cleaner, key, size, onBytes } = options
  const upload = await bucket.begin(key)
  const numbers = Array.from({ length: Math.ceil(size / PART) }, (_, index) => index + 1)
  const queue = numbers.values()
  const parts: (Omit<Part, 'bytes'> & { tag: string })[] = []
  let done = 0
  let failed = false
  const worker = async (): Promise<void> => {
    for (const number of queue) {
      if (failed) return
      const part = await readPart(file, number, size)
      const tag = await bucket.putPart(key, upload, part)
      parts.push({ number, sha256: part.sha256, tag })
      done += part.bytes.length
      onBytes?.(done)
    }
  }
  const stopOthers = (error: unknown) => {
    failed = true
    throw error
  }
  try {
    // All of them are waited for: the file is closed then, and the upload given up.
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => worker().catch(stopOthers)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    await bucket.complete(
      key,
      upload,
      parts.toSorted((a, b) => a.number - b.number),
    )
  } catch (error) {
    await cleaner.abandon(key, upload).catch(() => undefined)
    throw error
  }
}

async function readPart(file: FileHandle, number: number, size: number): Promise<Part> {
  const start = (number - 1) * PART
  const buffer = Buffer.allocUnsafe(Math.min(PART, size - start))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
  const bytes = buffer.subarray(0, bytesRead)
  return { number, bytes, sha256: sha256().update(bytes).digest('base64') }
}
