import { UsageError } from '../errors.ts'
import { PASSWORD_MODES } from '../rds/login/password-modes.ts'
import { givenPassword } from './given-password.ts'

/** Where another password is to come from. */
export interface NewPassword {
  /** Whether Secrets Manager is to make and keep it. */
  managed: boolean
  /** The one that somebody has given; else it is generated. */
  password: string | undefined
}

/**
 * Reads `--password`, and the password itself from the input or the terminal if it says so. What stands there instead may be a
 * password, so it is not repeated.
 * @throws {UsageError} `PASSWORD_MODE_UNKNOWN`
 * @throws {InterruptedError} on Ctrl-C
 */
export async function newPassword(flag: string, whose: string, signal: AbortSignal): Promise<NewPassword> {
  const mode = PASSWORD_MODES.get(flag)
  if (mode === undefined)
    throw new UsageError(`--password says how there comes to be a password: ${MODES}.`, {
      code: 'PASSWORD_MODE_UNKNOWN',
      hint: 'The password itself is read from the input or asked for with --password stdin: others can see the command line.',
    })
  return {
    managed: mode === 'managed',
    password: mode === 'given' ? await givenPassword(whose, signal) : undefined,
  }
}

const MODES = [...PASSWORD_MODES.keys()].join(', ')
