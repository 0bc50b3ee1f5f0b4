import { CruddurError, InterruptedError } from '../../errors.ts'

/**
 * An error that says more: what it means for the database, and lines below for people. Code, kind and hint stay. What is no
 * error of ours, or an interruption, stays as it is.
 */
export function retell(error: unknown, { prefix = '', context = '' }): unknown {
  if (!(error instanceof CruddurError) || error instanceof InterruptedError) return error
  const { code, kind, hint, details } = error
  const lines = [error.context, context].filter((text) => text !== undefined && text !== '')
  return new CruddurError(prefix === '' ? error.message : `${prefix} ${error.message}`, {
    code,
    kind,
    hint,
    details,
    context: lines.join('\n'),
    cause: error.cause,
  })
}
