import type { ByteSource } from '../byte-source.ts'
import type { HttpClient } from '../http/http-client.ts'
import { readBody } from '../http/read-body.ts'
import { ZipArchive } from '../zip/read-zip.ts'

/** Bytes at the end of a wheel that are asked for first: METADATA and the directory of most wheels are in them. */
const TAIL = 65_536

/** The most that is read of one wheel in this way. */
const LARGEST_RANGE = 33_554_432

/** METADATA larger than this is no METADATA. */
const LARGEST_METADATA = 8_388_608

/** Told by a read of what has not been fetched yet. */
class Missing extends Error {
  readonly start: number
  readonly end: number

  constructor(start: number, end: number) {
    super('not fetched yet')
    this.start = start
    this.end = end
  }
}

/** Bytes of a remote file, of which only some are here. */
class SparseSource implements ByteSource {
  readonly size: number
  readonly #parts: { start: number; bytes: Buffer }[] = []

  constructor(size: number) {
    this.size = size
  }

  add(start: number, bytes: Buffer): void {
    this.#parts.push({ start, bytes })
  }

  read(offset: number, length: number): Buffer {
    const end = Math.min(offset + length, this.size)
    if (end <= offset) return Buffer.alloc(0)
    const part = this.#parts.find(({ start, bytes }) => start <= offset && end <= start + bytes.length)
    if (!part) throw new Missing(offset, end)
    return part.bytes.subarray(offset - part.start, end - part.start)
  }

  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    return this.read(offset, length).copy(target, start)
  }
}

/**
 * Reads METADATA out of a wheel on a server: its end, then what else is needed.
 * @returns `undefined` when the server does not send parts of files
 * @throws {CruddurError} `INDEX_UNREACHABLE`, `ZIP_INVALID`
 */
export async function readRemoteMetadata(
  http: HttpClient,
  url: URL,
  fileName: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const first = await fetchRange(http, url, `bytes=-${TAIL}`, signal)
  if (!first) return undefined
  const source = new SparseSource(first.total)
  source.add(first.start, first.bytes)
  for (;;) {
    try {
      return metadataOf(new ZipArchive(source, fileName))
    } catch (error) {
      if (!(error instanceof Missing) || error.end - error.start > LARGEST_RANGE) throw error
      const part = await fetchRange(http, url, `bytes=${error.start}-${error.end - 1}`, signal)
      if (!part || part.start !== error.start || part.bytes.length < error.end - error.start) return undefined
      source.add(part.start, part.bytes)
    }
  }
}

/** The text of METADATA in a wheel. */
export function metadataOf(archive: ZipArchive): string | undefined {
  const entry = archive.entries.find(({ name }) => /^[^/]+\.dist-info\/METADATA$/.test(name))
  return entry && archive.content(entry, LARGEST_METADATA).toString('utf8')
}

interface Range {
  start: number
  total: number
  bytes: Buffer
}

async function fetchRange(
  http: HttpClient,
  url: URL,
  range: string,
  signal: AbortSignal | undefined,
): Promise<Range | undefined> {
  const answer = await http.get(url, { headers: { range, 'accept-encoding': 'identity' }, signal })
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '') ?? []
  if (answer.status !== 206 || start === undefined || total === undefined) {
    answer.body.destroy()
    return undefined
  }
  return { start: Number(start), total: Number(total), bytes: await readBody(answer, LARGEST_RANGE) }
}
