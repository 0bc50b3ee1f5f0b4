import { type FileHandle, open } from 'node:fs/promises'
import { CruddurError, throwIfAborted } from '../../errors.ts'
import { sha256 } from '../../sha256.ts'
import type { LayerVersion } from './layer-version.ts'

export interface DownloadOptions {
  /** The version with its link, which is good for ten minutes. */
  first: LayerVersion
  /** Asks for the version again, and so for a new link. */
  find: () => Promise<LayerVersion>
  /** Where the zip is to be. */
  path: string
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/** How often it goes on where the connection was lost, or the link has expired. */
const ATTEMPTS = 4
/** Milliseconds without an answer. */
const TIMEOUT = 30_000

/**
 * Downloads the zip of a layer's version, and checks it by its SHA-256. What a lost connection has brought is kept.
 * @throws {CruddurError} `LAYER_DOWNLOAD_FAILED`, `LAYER_DOWNLOAD_DAMAGED`; `AWS_…`
 * @throws {InterruptedError}
 */
export async function downloadContent({
  first,
  find,
  path,
  onBytes,
  signal,
}: DownloadOptions): Promise<void> {
  const file = await open(path, 'w')
  const hash = sha256()
  let done = 0
  try {
    for (let attempt = 1; done < first.codeSize; attempt++) {
      const { location = '' } = attempt === 1 ? first : await find()
      const before = done
      const take = async (chunk: Uint8Array) => {
        await writeAll(file, chunk)
        hash.update(chunk)
        done += chunk.length
        onBytes?.(done)
      }
      const failure = await receive(location, before, first.codeSize, take, signal)
      throwIfAborted(signal)
      if (done < first.codeSize && attempt >= ATTEMPTS) throw failed(first, failure)
    }
  } finally {
    await file.close()
  }
  const digest = hash.digest('base64')
  if (digest !== first.codeSha256) throw damaged(first, digest)
}

/**
 * Receives what is missing.
 * @returns why it ended early, if it did
 */
async function receive(
  url: string,
  from: number,
  size: number,
  take: (chunk: Uint8Array) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), TIMEOUT)
  try {
    const response = await fetch(url, {
      headers: from === 0 ? {} : { range: `bytes=${from}-` },
      signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal,
    })
    if (response.status !== (from === 0 ? 200 : 206) || !response.body) {
      await response.body?.cancel()
      return `it answered with ${response.status}`
    }
    let left = size - from
    for await (const chunk of response.body) {
      timer.refresh()
      await take(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) break
    }
    return left > 0 ? 'the connection was closed' : undefined
  } catch (error) {
    // The link is a secret of a kind, and stands in none of these messages.
    return ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message
  } finally {
    clearTimeout(timer)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten
}

function failed({ arn }: LayerVersion, reason: string | undefined): CruddurError {
  return new CruddurError(`The zip of ${arn} could not be downloaded: ${reason ?? 'it ended too early'}.`, {
    code: 'LAYER_DOWNLOAD_FAILED',
    kind: 'unreachable',
    hint: 'Try again; the zips of layers come from S3, so that must be reachable too.',
    details: { layer: arn },
  })
}

function damaged({ arn, codeSha256 }: LayerVersion, found: string): CruddurError {
  return new CruddurError(`The zip of ${arn} arrived with other bytes: its SHA-256 is not that of Lambda.`, {
    code: 'LAYER_DOWNLOAD_DAMAGED',
    hint: 'Try again; is there a proxy that changes what it passes on?',
    details: { layer: arn, codeSha256, found },
  })
}
