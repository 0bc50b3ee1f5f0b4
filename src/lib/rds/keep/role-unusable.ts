import { isAwsError } from '../../aws/errors.ts'

/**
 * Whether Scheduler does not (yet) get hold of the role: one that was made a moment ago is not known everywhere. It says
 * so in words only.
 */
export function isRoleUnusable(error: unknown): boolean {
  return (
    isAwsError(error, 'ValidationException') &&
    error.cause instanceof Error &&
    /to assume the role/i.test(error.cause.message)
  )
}
