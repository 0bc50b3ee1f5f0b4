import { CruddurError } from '../errors.ts'

/** What Node's code of an error means here, and what to do. */
const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EACCES: ['this user may not write there', 'Correct the rights on its folder.'],
  EPERM: ['this user may not write there', 'Correct the rights on its folder.'],
  EROFS: ['its file system is read-only', 'Work in a folder that can be written.'],
  ENOSPC: ['the disk is full', 'Make room on the disk.'],
  EDQUOT: ["this user's share of the disk is full", 'Make room on the disk.'],
  ENOENT: ['its folder does not exist', 'Make the folder.'],
  ENOTDIR: ['its folder is none', 'Make the folder.'],
  EBUSY: ['it is mounted by itself', 'Mount its folder instead of the one file.'],
}

/** The error for a `.env` that cannot be written. */
export function notWritable(path: string, reason: string, hint: string, cause?: unknown): CruddurError {
  return new CruddurError(`The file "${path}" cannot be written: ${reason}.`, {
    code: 'ENV_FILE_NOT_WRITABLE',
    hint,
    details: { path },
    cause,
  })
}

/**
 * Translates the system's errors.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function orNotWritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CruddurError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const [reason, hint] = REASONS[code] ?? [
      code || String(error),
      'Correct that, or work in another folder.',
    ]
    throw notWritable(path, reason, hint, error)
  }
}
