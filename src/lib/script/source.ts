import { accessSync, constants, createReadStream, createWriteStream, type Stats, statSync } from 'node:fs'
import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CruddurError, InterruptedError, UsageError } from '../errors.ts'
import { FOREIGN_FORMATS } from './foreign-formats.ts'
import { readFailure } from './read-failure.ts'
import { readCompressed, readPlain, type ScriptReader } from './script-reader.ts'

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

/** The first two bytes of a gzip member (RFC 1952 §2.3.1). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

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
  const foreign = FOREIGN_FORMATS.find(({ magic }) => head.subarray(0, magic.length).equals(magic))
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
