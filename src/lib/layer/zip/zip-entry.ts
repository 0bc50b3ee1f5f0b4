/** What an entry is, by its name and the mode it was packed with. */
export type EntryKind = 'file' | 'folder' | 'link' | 'special'

/** An entry of a zip, as its central directory has it. */
export interface ZipEntry {
  /** Its path, with slashes; a folder's ends with one. */
  name: string
  kind: EntryKind
  /** Rights (`0o755`) without the type; `undefined` when it was not packed on a Unix. */
  permissions: number | undefined
  /** All bits of the mode, with the type where it has one; 0 when it was not packed on a Unix. */
  mode: number
  /** 0 stored, 8 deflated; others cannot be read here. */
  method: number
  /** Whether its content is encrypted, and so cannot be read. */
  encrypted: boolean
  /** Bytes in the zip. */
  compressedSize: number
  /** Bytes of the content. */
  size: number
  crc32: number
  /** Where its local header is in the zip. */
  offset: number
  /** Where its data ends at the latest: the next entry, or the directory, begins there. */
  end: number
}

/** Types in a Unix file mode (POSIX, sys/stat.h): the mask, a regular file, a folder, a symbolic link. */
const TYPE = { mask: 0o170_000, file: 0o100_000, folder: 0o040_000, link: 0o120_000 } as const

/** What an entry is. Wheels often leave the type out of the mode; then it is told by the name. */
export function kindOf(name: string, mode: number): EntryKind {
  const type = mode & TYPE.mask
  if (type === TYPE.link) return 'link'
  if (name.endsWith('/')) return 'folder'
  return type === 0 || type === TYPE.file ? 'file' : 'special'
}

/** The mode of a regular file with its type, which zips for Lambda must have. */
export function fileMode(permissions: number): number {
  return TYPE.file | permissions
}
