import type { ByteSource } from '../byte-source.ts'
import { readDirectory } from '../zip/directory.ts'
import { findDirectory } from '../zip/end-record.ts'

/** Bytes at the end of a zip that are read at first: the directories of most layers are in there. */
const TAIL = 1_048_576
/** The largest directory that is read, in bytes: of a hundred thousand files. */
const LARGEST = 16_777_216
/** Milliseconds. */
const TIMEOUT = 20_000

/**
 * How many bytes a zip has unpacked, read from the directory at its end: the zip itself is not downloaded.
 * @param url where it is; not to be shown
 * @param size bytes of the zip
 * @returns `undefined` where it cannot be told
 */
export async function unzippedSizeAt(
  url: string,
  size: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  try {
    const tail = await readRange(url, Math.max(0, size - TAIL), size, signal)
    const place = findDirectory(tail, 'the zip')
    if (place.size > LARGEST) return undefined
    const isThere = place.offset >= tail.start
    const source = isThere ? tail : await readRange(url, place.offset, place.offset + place.size, signal)
    return readDirectory(source, place, 'the zip').reduce((sum, entry) => sum + entry.size, 0)
  } catch {
    // What cannot be measured is estimated; an interruption is noticed by whoever goes on.
    return undefined
  }
}

/** A stretch of a file that is elsewhere. */
class RemoteRange implements ByteSource {
  /** Of the whole file. */
  readonly size: number
  readonly start: number
  readonly #bytes: Buffer

  constructor(size: number, start: number, bytes: Buffer) {
    this.size = size
    this.start = start
    this.#bytes = bytes
  }

  read(offset: number, length: number): Buffer {
    const from = offset - this.start
    if (from < 0) throw new RangeError('These bytes have not been read')
    return this.#bytes.subarray(from, from + length)
  }

  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    return this.read(offset, length).copy(target, start)
  }
}

/** Reads from `start` up to `end`, which is not read any more. */
async function readRange(
  url: string,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<RemoteRange> {
  const limit = AbortSignal.timeout(TIMEOUT)
  const response = await fetch(url, {
    headers: { range: `bytes=${start}-${end - 1}` },
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  })
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? []
  // A server that knows no ranges would send all of it.
  if (response.status !== 206 || Number(from) !== start) {
    await response.body?.cancel()
    throw new Error(`answered with ${response.status}`)
  }
  return new RemoteRange(Number(size), start, Buffer.from(await response.arrayBuffer()))
}
