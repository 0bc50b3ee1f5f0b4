import { posix } from 'node:path'

/** Where Lambda unpacks layers. */
export const OPT = '/opt'

/** A path in the layer as Lambda has it. */
export function inOpt(path: string): string {
  return `${OPT}/${path}`
}

/** What the loader puts in place of `$LIB` on both systems, for both processors (glibc, SLIBDIR). */
const LIB = 'lib64'

/**
 * The folders of a search path as the loader reads it: parts between colons, `$ORIGIN` for the folder of the file itself.
 * Empty parts stand for the current folder, `/var/task`, and relative ones are below it (ld.so(8)).
 * @param file the file's path in the layer
 */
export function searchFolders(searchPath: string | undefined, file: string, platform: string): string[] {
  if (searchPath === undefined || searchPath === '') return []
  return searchPath.split(':').map((part) => posix.resolve('/var/task', expand(part, file, platform)))
}

/** Puts in what `$ORIGIN`, `$LIB` and `$PLATFORM` stand for, in search paths and in names with a slash. */
export function expand(text: string, file: string, platform: string): string {
  const values: Readonly<Record<string, string>> = {
    ORIGIN: posix.dirname(inOpt(file)),
    LIB,
    PLATFORM: platform,
  }
  return text.replaceAll(
    /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?!\w))/g,
    (_, braced?: string, bare?: string) => values[braced ?? bare ?? ''] ?? '',
  )
}

/** Whether a search path has parts that only the machine knew on which the file was built. */
export function oddParts(searchPath: string): string[] {
  return searchPath.split(':').filter((part) => !/^\$\{?ORIGIN\b|^\/opt\/(?:lib|python)\b/.test(part))
}
