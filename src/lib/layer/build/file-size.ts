import type { ZipFile } from '../zip/write-zip.ts'

/** Bytes of a file's content. */
export function contentSize(file: ZipFile): number {
  if ('content' in file) return file.content.length
  return 'packed' in file ? file.size : file.entry.size
}

/** Bytes that a file takes in the zip, without headers. */
export function zippedSize(file: ZipFile): number {
  if ('content' in file) return file.content.length
  return 'packed' in file ? file.packed.length : file.entry.compressedSize
}
