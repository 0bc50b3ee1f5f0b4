import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { throwIfAborted, UsageError } from '../../../errors.ts'
import { type ByteSource, FileSource } from '../../byte-source.ts'
import { requireFewFiles } from './too-many-files.ts'
import type { LayerFile, LayerFolder, LayerLink, LayerTree, Visit } from './layer-tree.ts'

/** A layer in a folder, as it would be packed. What lies outside the folder is never read, whatever links say. */
export class FolderTree implements LayerTree {
  readonly kind = 'folder'
  readonly path: string
  readonly files: LayerFile[] = []
  readonly folders: LayerFolder[] = []
  readonly links: LayerLink[] = []
  readonly specials: string[] = []
  readonly zipSize = undefined
  readonly #root: string

  /** @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_TOO_LARGE` */
  constructor(path: string) {
    this.path = path
    this.#root = realpathSync(path)
    const waiting = ['']
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) this.#list(folder, waiting)
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  #list(folder: string, waiting: string[]): void {
    this.folders.push({ path: folder, permissions: permissionsOf(lstatSync(this.#disk(folder)).mode) })
    for (const name of namesIn(this.#disk(folder))) {
      const path = folder === '' ? name : `${folder}/${name}`
      const stats = lstatSync(this.#disk(path))
      if (stats.isDirectory()) waiting.push(path)
      else if (stats.isSymbolicLink()) this.links.push(this.#link(path))
      else if (!stats.isFile()) this.specials.push(path)
      else {
        const permissions = permissionsOf(stats.mode)
        const common = { compressedSize: undefined, typed: true, checksum: undefined }
        this.files.push({ path, size: stats.size, permissions, ...common })
      }
    }
    requireFewFiles(this.path, this.files.length + waiting.length)
  }

  #link(path: string): LayerLink {
    const target = readlinkSync(this.#disk(path))
    try {
      const inside = relative(this.#root, realpathSync(this.#disk(path)))
        .split(sep)
        .join('/')
      const isOutside = inside === '..' || inside.startsWith('../') || inside.includes(':')
      return { path, target, leadsTo: isOutside ? undefined : inside }
    } catch {
      // It leads nowhere, or to itself.
      return { path, target, leadsTo: undefined }
    }
  }

  // oxlint-disable-next-line typescript/require-await -- that of a zip waits
  async visit(each: Visit, signal?: AbortSignal): Promise<void> {
    for (const file of this.files) {
      throwIfAborted(signal)
      const content = new LazyFile(this.#disk(file.path), file.size)
      try {
        each(file, content)
      } finally {
        content.close()
      }
    }
  }

  content(file: LayerFile): Buffer {
    const source = new FileSource(this.#disk(file.path))
    try {
      return source.read(0, source.size)
    } finally {
      source.close()
    }
  }

  #disk(path: string): string {
    return join(this.#root, path)
  }

  close(): void {
    // Nothing stays open.
  }
}

/** A file that is opened when something of it is wanted; its first bytes take a single read. */
class LazyFile implements ByteSource {
  readonly size: number
  readonly #path: string
  #opened: FileSource | undefined

  constructor(path: string, size: number) {
    this.#path = path
    this.size = size
  }

  read(offset: number, length: number): Buffer {
    return length <= BEGINNING.length && !this.#opened
      ? beginningOf(this.#path, offset, length)
      : this.#file().read(offset, length)
  }

  readInto(target: Uint8Array, start: number, offset: number, length: number): number {
    return this.#file().readInto(target, start, offset, length)
  }

  #file(): FileSource {
    this.#opened ??= new FileSource(this.#path)
    return this.#opened
  }

  close(): void {
    this.#opened?.close()
  }
}

/** For the first bytes of files, which are looked at and forgotten. */
const BEGINNING = Buffer.alloc(16)

function beginningOf(path: string, offset: number, length: number): Buffer {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    // Says why.
    new FileSource(path).close()
    return BEGINNING.subarray(0, 0)
  }
  try {
    return BEGINNING.subarray(0, readSync(descriptor, BEGINNING, 0, length, offset))
  } finally {
    closeSync(descriptor)
  }
}

/** Windows has no modes of this kind; what Node says there means nothing. */
function permissionsOf(mode: number): number | undefined {
  return process.platform === 'win32' ? undefined : mode & 0o7777
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new UsageError(`The folder "${folder}" cannot be read.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Check the rights on it.',
      details: { file: folder },
      cause: error,
    })
  }
}
