import { CruddurError } from '../../../src/lib/errors.ts'

/** The error that work ends with; anything but a CruddurError is a bug and is thrown on. */
export function caught(work: () => unknown): CruddurError {
  try {
    work()
  } catch (error) {
    if (error instanceof CruddurError) return error
    throw error
  }
  throw new Error('it ended without an error')
}
