import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CruddurError, UsageError } from '../../errors.ts'
import { linkStaysInside } from '../zip/entry-name.ts'
import { ZipArchive } from '../zip/read-zip.ts'
import type { ZipEntry } from '../zip/zip-entry.ts'

/**
 * Puts layers into one folder in their order, the later over the earlier, as Lambda does in `/opt`.
 * @param layers folders, or zips
 * @throws {UsageError} `FILE_NOT_READABLE`
 * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`, `LAYER_LINK_OUTSIDE`
 */
export async function mergeLayers(layers: readonly string[], folder: string): Promise<void> {
  for (const layer of layers) {
    if (isFolder(layer)) await cp(layer, folder, { recursive: true, verbatimSymlinks: true, force: true })
    else unpack(layer, folder)
  }
}

/**
 * Whether a layer is a folder; else it is a file.
 * @throws {UsageError} `FILE_NOT_READABLE`
 */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw new UsageError(`"${path}" cannot be read.`, {
      code: 'FILE_NOT_READABLE',
      hint: 'Name a folder or a zip, e.g. one that cruddur layer build has made.',
      details: { file: path },
      cause: error,
    })
  }
}

function unpack(path: string, folder: string): void {
  const archive = ZipArchive.open(path)
  try {
    // Links come last: nothing is to be written through one.
    const links = archive.entries.filter(({ kind }) => kind === 'link')
    for (const entry of archive.entries) place(archive, entry, folder)
    for (const link of links) placeLink(archive, link, folder)
  } finally {
    archive.close()
  }
}

function place(archive: ZipArchive, entry: ZipEntry, folder: string): void {
  const target = join(folder, entry.name)
  if (entry.kind === 'folder') mkdirSync(target, { recursive: true })
  if (entry.kind !== 'file') return
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, archive.content(entry))
  // For the function that only reads them; what Lambda would not be able to read is for verify to say.
  chmodSync(target, 0o644 | (entry.permissions ?? 0))
}

function placeLink(archive: ZipArchive, entry: ZipEntry, folder: string): void {
  const to = archive.content(entry, 4096).toString('utf8')
  if (!linkStaysInside(entry.name, to))
    throw new CruddurError(`"${entry.name}" in ${archive.name} is a link that leads out of the layer.`, {
      code: 'LAYER_LINK_OUTSIDE',
      hint: 'cruddur layer verify tells more about this zip.',
      details: { file: entry.name },
    })
  const target = join(folder, entry.name)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(to, target)
}
