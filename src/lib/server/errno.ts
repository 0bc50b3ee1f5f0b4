/** The operating system's code of an error (`ENOENT`, `EACCES`, `ENOSPC`, …), or `undefined` for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
