import { statSync } from 'node:fs'
import { UsageError } from '../../../errors.ts'
import type { ByteSource } from '../../byte-source.ts'
import { FolderTree } from './folder-tree.ts'
import { ZipTree } from './zip-tree.ts'

/** A file of a layer. */
export interface LayerFile {
  /** As in the zip, with slashes: `python/psycopg2/__init__.py`. */
  path: string
  /** Bytes. */
  size: number
  /** Bytes in the zip; `undefined` in a folder. */
  compressedSize: number | undefined
  /** Rights (`0o644`) without the type; `undefined` where none are kept. */
  permissions: number | undefined
  /** Whether its mode says that it is a regular file, and not only its name. */
  typed: boolean
  /** Tells its content from others of the same size where that is known without reading it: the CRC in a zip. */
  checksum: number | undefined
}

/** A folder of a layer that is there by itself, not only as a part of paths. */
export interface LayerFolder {
  /** Without a slash at its end; empty for the root. */
  path: string
  permissions: number | undefined
}

/** A symbolic link in a layer. */
export interface LayerLink {
  path: string
  target: string
  /** The path in the layer that it leads to; `undefined` when that is outside. */
  leadsTo: string | undefined
}

/** Is given each file's content, which is only good until it returns. */
export type Visit = (file: LayerFile, content: ByteSource) => void

/** A layer as a list of files, whether it is a folder or a zip. */
export interface LayerTree {
  readonly kind: 'folder' | 'zip'
  readonly path: string
  readonly files: readonly LayerFile[]
  readonly folders: readonly LayerFolder[]
  readonly links: readonly LayerLink[]
  /** Paths of what is none of these: pipes, sockets, devices. */
  readonly specials: readonly string[]
  /** Bytes of the zip. */
  readonly zipSize: number | undefined
  /**
   * Shows every file. Those of a zip are unpacked in memory, several at once, and checked by their CRC.
   * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`, `FILE_NOT_READABLE`, `INTERRUPTED`
   */
  visit(each: Visit, signal?: AbortSignal): Promise<void>
  /**
   * The content of one file.
   * @throws {CruddurError} as `visit`
   */
  content(file: LayerFile): Buffer
  close(): void
}

/**
 * Opens a folder or a zip.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_TOO_LARGE`
 * @throws {CruddurError} `ZIP_INVALID`
 */
export function openLayerTree(path: string): LayerTree {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined)
    throw new UsageError(`"${path}" cannot be read: it does not exist.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Name a folder, a zip or the ARN of a layer version.',
      details: { file: path },
    })
  return stats.isDirectory() ? new FolderTree(path) : new ZipTree(path)
}
