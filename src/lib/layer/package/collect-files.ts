import { readdirSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { CruddurError, throwIfAborted, UsageError } from '../../errors.ts'
import { groupedDigits } from '../../grouped-digits.ts'
import { LIMITS } from '../limits.ts'
import type { ZipFile } from '../zip/write-zip.ts'

export interface CollectOptions {
  /** Absolute. */
  folder: string
  /** Whether a path below it is left out. */
  isExcluded: (path: string) => boolean
  /** Absolute path of a file that is left out too: the zip itself. */
  out: string
  signal?: AbortSignal | undefined
}

/** The rights that Lambda needs (AWS, "Lambda deployment package permission errors"): all may read; who could run it still can. */
const PLAIN = 0o644
const EXECUTABLE = 0o755

/**
 * Reads the files of a folder. Symbolic links are followed as long as they stay in the folder; what they lead to is put in their place.
 * @throws {UsageError} `FOLDER_NOT_READABLE`
 * @throws {CruddurError} `LINK_LEADS_OUT`, `FILE_NOT_PACKABLE`, `FUNCTION_TOO_LARGE`
 * @throws {InterruptedError}
 */
export function collectFiles(options: CollectOptions): ZipFile[] {
  const root = realFolder(options.folder)
  const files: ZipFile[] = []
  let total = 0
  /** @param onTheWay real folders that were gone through to get here: a link back into one of them never ends */
  const visit = (folder: string, below: string, onTheWay: readonly string[]): void => {
    for (const name of readdirSync(folder).toSorted()) {
      throwIfAborted(options.signal)
      const path = below === '' ? name : `${below}/${name}`
      const place = join(folder, name)
      if (options.isExcluded(path) || resolve(place) === options.out) continue
      const { real, stats } = follow(place, path, root)
      if (stats.isDirectory()) {
        if (onTheWay.includes(real)) throw unpackable(path, 'it is a link to a folder that it is in')
        visit(place, path, [...onTheWay, real])
        continue
      }
      total += stats.size
      // Before it is read: whatever lies around there need not fit into memory.
      if (total >= LIMITS.unzipped) throw tooLarge(path, stats.size)
      files.push(fileOf(real, path, stats))
    }
  }
  visit(root, '', [root])
  return files
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder)
    if (!statSync(real).isDirectory()) throw new Error('it is not a folder')
    return real
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(
      `"${folder}" cannot be packaged: ${code === 'ENOENT' ? 'it does not exist' : message}.`,
      {
        code: 'FOLDER_NOT_READABLE',
        hint: 'Name the folder that the code of the function is in.',
        details: { folder },
        cause: error,
      },
    )
  }
}

function follow(place: string, path: string, root: string): { real: string; stats: Stats } {
  let real: string
  try {
    real = realpathSync(place)
  } catch (error) {
    throw unpackable(path, 'it is a link to what is not there', error)
  }
  const inside = relative(root, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(root, inside) !== real)
    throw new CruddurError(`"${path}" is a link that leads out of the folder, to "${real}".`, {
      code: 'LINK_LEADS_OUT',
      kind: 'refused',
      hint: 'Put a copy of the file there, or leave the link out: --exclude.',
      details: { file: path, target: real },
    })
  return { real, stats: statSync(real) }
}

function fileOf(real: string, path: string, stats: Stats): ZipFile {
  if (!stats.isFile()) throw unpackable(path, 'it is neither a file nor a folder')
  const permissions = (stats.mode & 0o111) === 0 ? PLAIN : EXECUTABLE
  try {
    return { name: path, permissions, content: readFileSync(real) }
  } catch (error) {
    throw unpackable(path, `it cannot be read (${(error as Error).message})`, error)
  }
}

function tooLarge(path: string, size: number): CruddurError {
  return new CruddurError(
    `The folder has more than the ${groupedDigits(LIMITS.unzipped)} bytes that Lambda takes; "${path}", the last one looked at, has ${groupedDigits(size)}.`,
    {
      code: 'FUNCTION_TOO_LARGE',
      kind: 'refused',
      hint: 'Leave out what the function does not need: --exclude.',
      details: { file: path, size, limit: LIMITS.unzipped },
    },
  )
}

function unpackable(path: string, reason: string, cause?: unknown): CruddurError {
  return new CruddurError(`"${path}" cannot be packaged: ${reason}.`, {
    code: 'FILE_NOT_PACKABLE',
    hint: 'Remove it, or leave it out: --exclude.',
    details: { file: path },
    cause,
  })
}
