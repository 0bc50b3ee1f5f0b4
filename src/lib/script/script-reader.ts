import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { CruddurError } from '../errors.ts'
import { readFailure } from './read-failure.ts'

/** How much is read from a file at once, in bytes. Measured: what fits the processor's cache is handed on fastest. */
const CHUNK_BYTES = 256 * 1024
/** After so many bytes read, whatever else waits (the connection, Ctrl-C, progress) gets its turn. */
const TURN_BYTES = 1024 * 1024

const NONE = Buffer.alloc(0)

/** Reads a script from beginning to end, decompressed. */
export interface ScriptReader {
  /**
   * The next bytes: about `atLeast` of them if there are as many; `undefined` at the end.
   * @param memory may be read into and returned, if it is large enough
   */
  next(atLeast?: number, memory?: Buffer): Promise<Buffer | undefined>
  close(): Promise<void>
}

/** Reads synchronously: a thread of Node's own for each chunk takes twice as long as the reading. */
export function readPlain(
  path: string,
  name: string,
  onBytes: ((bytes: number) => void) | undefined,
): ScriptReader {
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

/** Reads gzip. */
export function readCompressed(
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
