import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { UsageError } from '../../errors.ts'
import type { IndexFile } from './index-file.ts'
import { parseHtmlPage } from './index-page.ts'

/**
 * The files that folders and pages with links hold (pip's `--find-links`).
 * @param readPage reads a page on a server
 * @throws {UsageError} `FIND_LINKS_NOT_FOUND`
 */
export async function linkedFiles(
  places: readonly string[],
  readPage: (url: URL) => Promise<IndexFile[]>,
): Promise<IndexFile[]> {
  const found = await Promise.all(
    places.map((place) => {
      const url = /^https?:/.test(place) ? URL.parse(place) : undefined
      return url
        ? readPage(url)
        : localFiles(place.startsWith('file:') ? fileURLToPath(place) : resolve(place))
    }),
  )
  return found.flat()
}

async function localFiles(path: string): Promise<IndexFile[]> {
  try {
    if (!(await stat(path)).isDirectory())
      return parseHtmlPage(await readFile(path, 'utf8'), pathToFileURL(path))
    const names = await readdir(path)
    // In the same order everywhere.
    const found = await Promise.all(names.toSorted().map((name) => localFile(join(path, name), name)))
    return found.flat()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`"${path}", where packages are to be, cannot be read.`, {
      code: 'FIND_LINKS_NOT_FOUND',
      hint: 'Check the path that is given as --find-links or PIP_FIND_LINKS.',
      details: { path },
      cause: error,
    })
  }
}

async function localFile(path: string, fileName: string): Promise<IndexFile[]> {
  if (!/\.(?:whl|tar\.gz|tgz|zip)$/i.test(fileName)) return []
  const { size } = await stat(path)
  return [
    {
      fileName,
      url: pathToFileURL(path).href,
      sha256: undefined,
      size,
      requiresPython: undefined,
      yanked: false,
      metadata: false,
      uploaded: undefined,
    },
  ]
}
