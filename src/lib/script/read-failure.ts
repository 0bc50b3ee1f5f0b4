import { UsageError } from '../errors.ts'

/** The error for a file that cannot be read; `name` is how messages call it. */
export function readFailure(error: NodeJS.ErrnoException, name: string, what = 'script'): UsageError {
  const reasons: Record<string, string> = {
    ENOENT: 'does not exist',
    EISDIR: 'is a directory',
    EACCES: 'may not be read by this user',
    ENOTDIR: 'does not exist: a part of its path is a file',
  }
  const reason = reasons[error.code ?? ''] ?? `cannot be read (${error.code ?? error.message})`
  return new UsageError(`The ${what} "${name}" ${reason}.`, {
    code: 'SCRIPT_NOT_READABLE',
    hint: 'Name another file with --file, or run from within the project.',
    details: { file: name },
    cause: error,
  })
}
