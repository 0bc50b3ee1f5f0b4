import type { ErrorKind } from '../errors.ts'

/** The exit codes of every command, as the README documents them. */
export const EXIT_CODES: Readonly<Record<ErrorKind | 'done', number>> = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 2,
  unreachable: 3,
  interrupted: 130,
}
