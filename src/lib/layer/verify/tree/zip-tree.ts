import { throwIfAborted } from '../../../errors.ts'
import { MemorySource } from '../../byte-source.ts'
import { linkStaysInside } from '../../zip/entry-name.ts'
import { ZipArchive } from '../../zip/read-zip.ts'
import type { ZipEntry } from '../../zip/zip-entry.ts'
import { linkTarget } from './link-target.ts'
import { requireFewFiles } from './too-many-files.ts'
import type { LayerFile, LayerFolder, LayerLink, LayerTree, Visit } from './layer-tree.ts'

/** Entries that are unpacked at once: as many threads as Node has for it. */
const AT_ONCE = 4

/** Bytes of the longest target of a link (Linux, PATH_MAX). */
const LONGEST_TARGET = 4096

/** The bits of a Unix mode that say what a file is (POSIX, sys/stat.h). */
const TYPE_MASK = 0o170_000

/** A layer in a zip: read where it is, nothing is unpacked to disk. */
export class ZipTree implements LayerTree {
  readonly kind = 'zip'
  readonly path: string
  readonly files: LayerFile[] = []
  readonly folders: LayerFolder[] = []
  readonly links: LayerLink[] = []
  readonly specials: string[] = []
  readonly zipSize: number
  readonly #archive: ZipArchive
  readonly #entries = new Map<LayerFile, ZipEntry>()

  /**
   * @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_TOO_LARGE`
   * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`
   */
  constructor(path: string) {
    this.path = path
    this.#archive = ZipArchive.open(path)
    this.zipSize = this.#archive.source.size
    try {
      requireFewFiles(path, this.#archive.entries.length)
      for (const entry of this.#archive.entries) this.#add(entry)
    } catch (error) {
      this.close()
      throw error
    }
  }

  #add(entry: ZipEntry): void {
    const { name, kind, permissions, mode, size, compressedSize, crc32 } = entry
    if (kind === 'folder') this.folders.push({ path: name.slice(0, -1), permissions })
    else if (kind === 'special') this.specials.push(name)
    else if (kind === 'link') {
      const target = this.#archive.content(entry, LONGEST_TARGET).toString('utf8')
      const isInside = linkStaysInside(name, target)
      this.links.push({ path: name, target, leadsTo: isInside ? linkTarget(name, target) : undefined })
    } else {
      const typed = (mode & TYPE_MASK) !== 0
      const file = { path: name, size, compressedSize, permissions, typed, checksum: crc32 }
      this.files.push(file)
      this.#entries.set(file, entry)
    }
  }

  async visit(each: Visit, signal?: AbortSignal): Promise<void> {
    // The large ones first: one of them at the end would leave the other threads without work.
    const queue = this.files.toSorted((a, b) => b.size - a.size).values()
    const worker = async (): Promise<void> => {
      for (const file of queue) {
        throwIfAborted(signal)
        each(file, new MemorySource(await this.#archive.contentLater(this.#entry(file))))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  content(file: LayerFile): Buffer {
    return this.#archive.content(this.#entry(file))
  }

  #entry(file: LayerFile): ZipEntry {
    return this.#entries.get(file) as ZipEntry
  }

  close(): void {
    this.#archive.close()
  }
}
