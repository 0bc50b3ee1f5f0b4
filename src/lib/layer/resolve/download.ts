import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OnProgress } from '../../progress.ts'
import type { HttpClient } from '../http/http-client.ts'
import { corrupt, notWritten } from './download-errors.ts'
import { DownloadProgress, type OnBytes } from './download-progress.ts'
import { digestOf } from './file-hash.ts'
import { FileDownload } from './file-download.ts'
import { takePartFile, type PartFile } from './part-file.ts'
import type { ResolvedWheel } from './resolution.ts'

/** A wheel that is here, and whose bytes are the right ones. */
export interface DownloadedWheel {
  fileName: string
  path: string
  /** In hex. */
  sha256: string
  /** In bytes. */
  size: number
  /** Whether it was here before. */
  wasCached: boolean
}

export interface DownloadOptions {
  /** Where wheels are kept between runs, by their SHA-256; is made when it is needed. */
  folder: string
  http: HttpClient
  /** How many at once; 4 unless said otherwise. */
  concurrency?: number | undefined
  onProgress?: OnProgress | undefined
  signal?: AbortSignal | undefined
}

const CONCURRENCY = 4

/**
 * Downloads wheels, or finds them where an earlier run left them. Under its final name a file is always whole and checked; what is cut
 * off stays beside it, and the next run goes on from there.
 * @returns in the order of the wheels
 * @throws {CruddurError} `DOWNLOAD_CORRUPT`, `DOWNLOAD_FAILED`, `DOWNLOAD_NOT_WRITTEN`, `INDEX_UNREACHABLE`
 * @throws {InterruptedError}
 */
export async function downloadWheels(
  wheels: readonly ResolvedWheel[],
  options: DownloadOptions,
): Promise<DownloadedWheel[]> {
  const progress = new DownloadProgress(wheels, options.onProgress)
  const found: DownloadedWheel[] = []
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const queue = [...wheels.entries()]
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, wheel] = next
      found[index] = await downloadWheel(wheel, { ...options, signal }, progress.of(index))
    }
  }
  const workers = Array.from({ length: options.concurrency ?? CONCURRENCY }, work)
  try {
    await Promise.all(workers)
  } catch (error) {
    // The others end before the caller is told, so that nothing goes on behind its back.
    failed.abort()
    await Promise.allSettled(workers)
    throw error
  }
  progress.report(true)
  return found
}

async function downloadWheel(
  wheel: ResolvedWheel,
  options: DownloadOptions,
  onBytes: OnBytes,
): Promise<DownloadedWheel> {
  const url = new URL(wheel.url)
  if (url.protocol === 'file:') return localWheel(wheel, fileURLToPath(url), onBytes)
  if (wheel.sha256 !== undefined) {
    const cached = await cachedWheel(wheel, join(options.folder, wheel.sha256, wheel.fileName))
    if (cached) {
      onBytes(cached.size, cached.size)
      return cached
    }
  }
  const key = wheel.sha256 ?? `url-${createHash('sha256').update(wheel.url).digest('hex')}`
  const folder = join(options.folder, key)
  let part: PartFile | undefined
  try {
    await mkdir(folder, { recursive: true })
    part = await takePartFile(join(folder, `${wheel.fileName}.part`))
    const { sha256, size } = await new FileDownload(url, wheel, part, options, onBytes).run()
    const path = join(options.folder, sha256, wheel.fileName)
    await mkdir(join(options.folder, sha256), { recursive: true })
    await rename(part.path, path)
    return { fileName: wheel.fileName, path, sha256, size, wasCached: false }
  } catch (error) {
    throw notWritten(options.folder, error)
  } finally {
    await part?.release()
    if (wheel.sha256 === undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function localWheel(wheel: ResolvedWheel, path: string, onBytes: OnBytes): Promise<DownloadedWheel> {
  const { sha256, size } = await digestOf(path)
  if (wheel.sha256 !== undefined && wheel.sha256 !== sha256) throw corrupt(wheel, path)
  onBytes(size, size)
  return { fileName: wheel.fileName, path, sha256, size, wasCached: true }
}

/** The file of an earlier run, if its bytes are still the right ones; else it is removed. */
async function cachedWheel(wheel: ResolvedWheel, path: string): Promise<DownloadedWheel | undefined> {
  const found = await digestOf(path).catch(() => undefined)
  if (!found) return undefined
  if (found.sha256 === wheel.sha256) return { fileName: wheel.fileName, path, ...found, wasCached: true }
  await rm(path, { force: true })
  return undefined
}
