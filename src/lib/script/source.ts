import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { CruddurError, InterruptedError, UsageError } from '../errors.ts'

/** How much is read from a file at once, in bytes. Measured: what fits the processor's cache is handed on fastest. */
const CHUNK_BYTES = 256 * 1024
/** After so many bytes read, whatever else waits (the connection, Ctrl-C, progress) gets its turn. */
const TURN_BYTES = 1024 * 1024

const NONE = Buffer.alloc(0)

/** A script that can be read from its beginning as often as needed. */
export interface ScriptFile {
  /** As messages show it: the path as given, or `<stdin>`. */
  readonly name: string
  /** Bytes on disk, before decompression; what progress is measured by. */
  readonly size: number
  /** Begins to read. `onBytes` is told how many bytes on disk each step consumed. */
  read(onBytes?: (bytes: number) => void): ScriptReader
  /** Releases the file. */
  close(): Promise<void>
}

/** Reads a script from beginning to end, decompressed. */
export interface ScriptReader {
  /**
   * The next bytes: about `atLeast` of them if there are as many; `undefined` at the end.
   * @param memory may be read into and returned, if it is large enough
   */
  next(atLeast?: number, memory?: Buffer): Promise<Buffer | undefined>
  close(): Promise<void>
}

/** The first two bytes of a gzip member (RFC 1952 §2.3.1). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/** File beginnings that are no script, and what to do instead. */
const FOREIGN: readonly { magic: Buffer; what: string; hint: string }[] = [
  {
    magic: Buffer.from('PGDMP'),
    what: 'a pg_dump archive in custom format',
    hint: 'Make a script of it first: pg_restore --file=dump.sql FILE',
  },
  {
    magic: Buffer.from([0xff, 0xfe]),
    what: 'text in UTF-16',
    hint: 'Save it as UTF-8 (PowerShell: Out-File -Encoding utf8).',
  },
  { magic: Buffer.from([0xfe, 0xff]), what: 'text in UTF-16', hint: 'Save it as UTF-8.' },
  { magic: Buffer.from('PK\u0003\u0004', 'latin1'), what: 'a zip archive', hint: 'Unpack it first.' },
  {
    magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    what: 'compressed with zstd',
    hint: 'Unpack it first: zstd -d FILE (gzip is read directly).',
  },
  {
    magic: Buffer.from('BZh'),
    what: 'compressed with bzip2',
    hint: 'Unpack it first: bunzip2 FILE (gzip is read directly).',
  },
]

function readFailure(error: NodeJS.ErrnoException, name: string, what = 'script'): UsageError {
  const reasons: Record<string, string> = {
    ENOENT: 'does not exist',
    EISDIR: 'is a directory',
    EACCES: 'may not be read by this user',
    ENOTDIR: 'does not exist: a part of its path is a file',
  }
  const reason = reasons[error.code ?? ''] ?? `cannot be read (${error.code ?? error.message})`
  return new UsageError(`The ${what} "${name}" ${reason}.`, {
    code: 'SCRIPT_NOT_READABLE',
    hint: 'Name another file with --file, or run from within the project.',
    details: { file: name },
    cause: error,
  })
}

/**
 * Opens a script file, plain or gzip (told by its first bytes). What cannot be read twice, such as a pipe, is copied
 * to a temporary file first.
 * @param path where it is
 * @param name how messages call it
 * @param signal ends the copying
 * @throws {UsageError} `SCRIPT_NOT_READABLE`, `NOT_A_SCRIPT`
 */
export function openScript(
  path: string,
  name: string,
  tmpDirectory: string,
  signal?: AbortSignal,
): Promise<ScriptFile> {
  return openWith(describeScript, path, name, tmpDirectory, signal)
}

/**
 * Opens a file of data for `\copy`; its bytes are read as they are.
 * @throws {UsageError} `SCRIPT_NOT_READABLE`
 */
export function openData(
  path: string,
  name: string,
  tmpDirectory: string,
  signal?: AbortSignal,
): Promise<ScriptFile> {
  return openWith(describePlain, path, name, tmpDirectory, signal)
}

type Describe = (path: string, name: string, size: number) => Promise<ScriptFile> | ScriptFile

async function openWith(
  describe: Describe,
  path: string,
  name: string,
  tmpDirectory: string,
  signal: AbortSignal | undefined,
): Promise<ScriptFile> {
  const what = describe === describePlain ? 'file' : 'script'
  const stats = requireReadable(path, name, what)
  try {
    return stats.isFile()
      ? await describe(path, name, stats.size)
      : await spoolAs(describe, createReadStream(path), name, tmpDirectory, signal)
  } catch (error) {
    if (error instanceof CruddurError) throw error
    throw readFailure(error as NodeJS.ErrnoException, name, what)
  }
}

/**
 * Makes sure that there is something to read at a path.
 * @param name how messages call it
 * @throws {UsageError} `SCRIPT_NOT_READABLE`
 */
export function requireReadable(path: string, name: string, what: 'script' | 'file' = 'script'): Stats {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) throw Object.assign(new Error('directory'), { code: 'EISDIR' })
    accessSync(path, constants.R_OK)
    return stats
  } catch (error) {
    throw readFailure(error as NodeJS.ErrnoException, name, what)
  }
}

function describePlain(path: string, name: string, size: number): ScriptFile {
  return { name, size, read: (onBytes) => readPlain(path, name, onBytes), close: () => Promise.resolve() }
}

/**
 * Copies a stream that can be read only once to a temporary file (mode 600, removed when closed), so that the script
 * can be checked before anything is sent. Memory stays flat whatever its size.
 * @param signal ends the copying
 * @throws {CruddurError} `SPOOL_FAILED` when the temporary folder is full or not writable; `INTERRUPTED`
 */
export function spool(
  stream: Readable,
  name: string,
  tmpDirectory: string,
  signal?: AbortSignal,
): Promise<ScriptFile> {
  return spoolAs(describeScript, stream, name, tmpDirectory, signal)
}

async function spoolAs(
  describe: Describe,
  stream: Readable,
  name: string,
  tmpDirectory: string,
  signal: AbortSignal | undefined,
): Promise<ScriptFile> {
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(tmpDirectory, 'cruddur-'))
    const path = join(folder, 'script')
    await copyTo(path, stream, signal)
    const file = await describe(path, name, (await stat(path)).size)
    return { ...file, close: () => rm(folder as string, { recursive: true, force: true }) }
  } catch (error) {
    if (folder) await rm(folder, { recursive: true, force: true })
    if (error instanceof CruddurError) throw error
    const { code, message, syscall = 'read' } = error as NodeJS.ErrnoException
    if (syscall === 'read') throw readFailure(error as NodeJS.ErrnoException, name)
    throw new CruddurError(
      `The input cannot be kept in ${tmpDirectory} while it is checked: ${code === 'ENOSPC' ? 'the disk is full' : message}.`,
      {
        code: 'SPOOL_FAILED',
        hint: 'Make room there, point TMPDIR elsewhere, or give the script as a file.',
        cause: error,
      },
    )
  }
}

/** Copies a stream. A blocked read of a pipe cannot be broken off: whoever gives up does not wait for it. */
function copyTo(path: string, stream: Readable, signal: AbortSignal | undefined): Promise<void> {
  const target = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  const copying = pipeline(stream, target, signal ? { signal } : {})
  if (!signal) return copying
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new InterruptedError())
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    void copying.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

async function describeScript(path: string, name: string, size: number): Promise<ScriptFile> {
  const head = await readHead(path)
  const foreign = FOREIGN.find(({ magic }) => head.subarray(0, magic.length).equals(magic))
  if (foreign) {
    const { what, hint } = foreign
    throw new UsageError(`"${name}" is ${what}, not an SQL script.`, {
      code: 'NOT_A_SCRIPT',
      hint,
      details: { file: name },
    })
  }
  const plain = describePlain(path, name, size)
  if (!head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)) return plain
  return { ...plain, read: (onBytes) => readCompressed(path, name, onBytes) }
}

/** The first bytes of a file. */
async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Reads synchronously: a thread of Node's own for each chunk takes twice as long as the reading. */
function readPlain(path: string, name: string, onBytes: ((bytes: number) => void) | undefined): ScriptReader {
  let descriptor: number | undefined
  let sinceTurn = 0
  return {
    async next(atLeast = 0, memory = NONE) {
      try {
        descriptor ??= openSync(path, 'r')
        const wanted = Math.max(CHUNK_BYTES, atLeast)
        const buffer = memory.length >= wanted ? memory : Buffer.allocUnsafeSlow(wanted)
        const bytesRead = readSync(descriptor, buffer)
        onBytes?.(bytesRead)
        sinceTurn += bytesRead
        if (sinceTurn >= TURN_BYTES) {
          sinceTurn = 0
          await turn()
        }
        return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
      } catch (error) {
        throw readFailure(error as NodeJS.ErrnoException, name, 'file')
      }
    },
    close: async () => {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}

function readCompressed(
  path: string,
  name: string,
  onBytes: ((bytes: number) => void) | undefined,
): ScriptReader {
  let chunks: AsyncIterator<Buffer> | undefined
  return {
    async next(atLeast = 0) {
      chunks ??= await decompress(path, onBytes)
      try {
        return await gather(chunks, Math.max(CHUNK_BYTES, atLeast))
      } catch (error) {
        if ('syscall' in (error as Error)) throw readFailure(error as NodeJS.ErrnoException, name)
        throw new CruddurError(`"${name}" is not valid gzip data: ${(error as Error).message}.`, {
          code: 'DAMAGED_FILE',
          hint: 'It may have been cut off on its way; fetch it again.',
          details: { file: name },
          cause: error,
        })
      }
    },
    close: async () => void (await chunks?.return?.()),
  }
}

/** Chunks one after the other, until there are so many bytes; `undefined` when there are none left. */
async function gather(chunks: AsyncIterator<Buffer>, atLeast: number): Promise<Buffer | undefined> {
  const gathered: Buffer[] = []
  let bytes = 0
  while (bytes < atLeast) {
    const { value, done } = await chunks.next()
    if (done) break
    gathered.push(value)
    bytes += value.length
  }
  return gathered.length > 1 ? Buffer.concat(gathered) : gathered[0]
}

async function decompress(
  path: string,
  onBytes: ((bytes: number) => void) | undefined,
): Promise<AsyncIterator<Buffer>> {
  const { createGunzip } = await import('node:zlib')
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  raw.on('data', (chunk) => onBytes?.(chunk.length))
  raw.on('error', (error) => gunzip.destroy(error))
  gunzip.on('close', () => raw.destroy())
  return raw.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>
}
