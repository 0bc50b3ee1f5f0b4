import type { Hash } from 'node:crypto'
import { basename, dirname, isAbsolute, join } from 'node:path'
import type { Readable } from 'node:stream'
import { sha256 } from '../sha256.ts'
import type { ScriptReader } from './script-reader.ts'
import { openData, openScript, spool, type ScriptFile } from './source.ts'

/** A script to load: a path, or a stream with the name that messages give it. */
export type ScriptInput = string | { name: string; stream: Readable }

/** A script of the set that is run for itself, not because another one includes it. */
export interface MainScript {
  file: ScriptFile
  /** Folder that `\ir` is relative to. */
  folder: string
}

interface SetOptions {
  /** Folder that paths are relative to. */
  directory: string
  /** Where streams are kept. */
  tmpDirectory: string
  /** Whether all that is read first is to be hashed. */
  hash?: boolean
  /** Ends the reading of streams. */
  signal?: AbortSignal | undefined
}

/** Everything that is read for one load: the scripts given, those they include, and data files. */
export class ScriptSet {
  readonly scripts: MainScript[] = []
  readonly #tmpDirectory: string
  readonly #signal: AbortSignal | undefined
  readonly #opened = new Map<string, ScriptFile>()
  readonly #hash: Hash | undefined

  private constructor({ tmpDirectory, hash = false, signal }: SetOptions) {
    this.#tmpDirectory = tmpDirectory
    this.#signal = signal
    this.#hash = hash ? sha256() : undefined
  }

  /**
   * Opens the scripts.
   * @throws {UsageError} `SCRIPT_NOT_READABLE`, `NOT_A_SCRIPT`
   */
  static async open(inputs: readonly ScriptInput[], options: SetOptions): Promise<ScriptSet> {
    const set = new ScriptSet(options)
    try {
      for (const input of inputs) set.scripts.push(await set.#openMain(input, options.directory))
      return set
    } catch (error) {
      await set.close()
      throw error
    }
  }

  async #openMain(input: ScriptInput, directory: string): Promise<MainScript> {
    if (typeof input === 'string') {
      const path = isAbsolute(input) ? input : join(directory, input)
      return { file: await this.openScript(path, input), folder: dirname(path) }
    }
    const file = await spool(input.stream, input.name, this.#tmpDirectory, this.#signal)
    this.#opened.set(`\0${input.name}`, file)
    return { file, folder: directory }
  }

  /** Opens a script once; it can be read as often as needed. */
  async openScript(path: string, name: string): Promise<ScriptFile> {
    const known = this.#opened.get(path)
    if (known) return { ...known, name }
    const file = await openScript(path, name, this.#tmpDirectory, this.#signal)
    this.#opened.set(path, file)
    return file
  }

  /** Opens a file of data: any bytes, compressed or not. */
  async openData(path: string, name: string): Promise<ScriptFile> {
    const key = `data:${path}`
    const file = this.#opened.get(key) ?? (await openData(path, name, this.#tmpDirectory, this.#signal))
    this.#opened.set(key, file)
    return { ...file, name }
  }

  /** How many bytes on disk all files have that are known so far. */
  get bytes(): number {
    return [...this.#opened.values()].reduce((sum, file) => sum + file.size, 0)
  }

  /** The names of all files that are known so far. */
  get names(): string[] {
    return [...this.#opened.values()].map((file) => file.name)
  }

  /** A file whose bytes go into the hash when they are read; to be used for the first reading only. */
  hashed(file: ScriptFile): ScriptFile {
    const hash = this.#hash
    if (!hash) return file
    return {
      ...file,
      read: (onBytes) => {
        // The name tells apart two files from one that holds the bytes of both.
        hash.update(`\0${basename(file.name)}\0`)
        return hashReader(file.read(onBytes), hash)
      },
    }
  }

  /** The hash of all that was read from `hashed` files, and of the options given, in hexadecimal. */
  digest(options: readonly string[]): string {
    return (this.#hash ?? sha256()).update(`\0${JSON.stringify(options)}`).digest('hex')
  }

  /** Removes temporary copies. */
  async close(): Promise<void> {
    await Promise.all([...this.#opened.values()].map((file) => file.close()))
  }
}

function hashReader(reader: ScriptReader, hash: Hash): ScriptReader {
  return {
    async next(atLeast, memory) {
      const chunk = await reader.next(atLeast, memory)
      if (chunk) hash.update(chunk)
      return chunk
    },
    close: () => reader.close(),
  }
}
