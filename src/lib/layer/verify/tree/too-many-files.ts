import { UsageError } from '../../../errors.ts'

/** More files than fit a layer: 250 MB of them would have some 1,000 bytes each. */
const MOST_FILES = 250_000

/**
 * Makes sure that there are no more files than a layer can have.
 * @throws {UsageError} `LAYER_TOO_LARGE`
 */
export function requireFewFiles(path: string, count: number): void {
  if (count <= MOST_FILES) return
  throw new UsageError(`"${path}" has more than ${MOST_FILES} files: it cannot be a layer.`, {
    code: 'LAYER_TOO_LARGE',
    hint: 'Name the folder that holds python/.',
    details: { file: path },
  })
}
