import type { LoadSegment } from './elf-file.ts'

/** Bytes of a page of memory on Lambda, on both processors. */
const PAGE = 4096

/**
 * What the loader says when it cannot map a segment into memory; `undefined` when it can. The rules and the words are those of glibc
 * (elf/dl-load.c, `_dl_map_object_from_fd`).
 */
export function loaderObjection({ offset, address, align }: LoadSegment): string | undefined {
  if (align % PAGE !== 0) return 'ELF load command alignment not page-aligned'
  if (align > 0 && (address - offset) % align !== 0)
    return 'ELF load command address/offset not properly aligned'
  return undefined
}
