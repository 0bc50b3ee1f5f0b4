import { CruddurError } from '../../errors.ts'
import type { ResolvedWheel } from './resolution.ts'

/** @returns the error of a file whose bytes are others than promised */
export function corrupt({ fileName, sha256 }: ResolvedWheel, where: string): CruddurError {
  return new CruddurError(`${fileName} from ${where} is not what it should be: its SHA-256 is another one.`, {
    code: 'DOWNLOAD_CORRUPT',
    hint: 'Try again; if it stays like that, the file was exchanged, or the hash in the lock is wrong.',
    details: { file: fileName, expected: sha256 },
  })
}

/** Reasons for people, by the operating system's code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'a part of the path is not a folder',
}

/** Whether it is the disk's fault. */
export function isDiskError(error: unknown): boolean {
  return ((error as NodeJS.ErrnoException).code ?? '') in REASONS
}

/** @returns the error for people if it is the disk's fault, else the same one */
export function notWritten(folder: string, error: unknown): unknown {
  if (error instanceof CruddurError || !isDiskError(error)) return error
  const { code = '' } = error as NodeJS.ErrnoException
  return new CruddurError(`"${folder}" cannot take the download: ${REASONS[code]}.`, {
    code: 'DOWNLOAD_NOT_WRITTEN',
    hint: 'Make room there, or choose another folder: XDG_CACHE_HOME',
    details: { folder },
    cause: error,
  })
}
