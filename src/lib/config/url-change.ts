import { UsageError } from '../errors.ts'
import { ensureEnvWritable, type EnvFileChange, readEnvValue, setEnvValues } from './env-file.ts'

/** What is behind the name of a variable whose new value waits until it is known whether it holds. */
const WAITING = '_RESET'

/** The variable of `.env` that the URL with a new password is kept in until AWS has taken that. */
export function waitingName(variable: string): string {
  return `${variable}${WAITING}`
}

/**
 * The change of a connection URL in `.env` whose new password somebody else has yet to take. Both URLs stand in the file until
 * that is certain, so that neither is lost, whenever this process ends: the old one under its name, the new one as `…_RESET`.
 */
export class UrlChange {
  readonly path: string
  readonly variable: string

  /** @param variable the name in `.env`, e.g. `PROD_CONNECTION_URL` */
  constructor(path: string, variable: string) {
    this.path = path
    this.variable = variable
    if (/^[A-Za-z_]\w*$/.test(variable)) return
    throw new UsageError(`"${variable}" cannot be the name of a variable.`, {
      code: 'INVALID_VARIABLE',
      hint: 'Names hold letters, digits and _, and begin with a letter.',
    })
  }

  /** The URL that there is. */
  present(): Promise<string | undefined> {
    return readEnvValue(this.path, this.variable)
  }

  /** The URL of a change before this one, of which it never became known whether it holds. */
  waiting(): Promise<string | undefined> {
    return readEnvValue(this.path, waitingName(this.variable))
  }

  /** @throws {CruddurError} `ENV_FILE_NOT_WRITABLE` */
  ensureWritable(): Promise<void> {
    return ensureEnvWritable(this.path)
  }

  /** Writes the new URL next to the present one. */
  prepare(url: string): Promise<EnvFileChange> {
    return setEnvValues(this.path, { [waitingName(this.variable)]: url })
  }

  /** Takes it back: the present URL holds. */
  async drop(): Promise<void> {
    await setEnvValues(this.path, { [waitingName(this.variable)]: undefined })
  }

  /**
   * Puts the new URL in the place of the present one.
   * @param outdated names of variables that hold a password from before, and go with it
   */
  settle(url: string, outdated: readonly string[] = []): Promise<EnvFileChange> {
    const gone = [waitingName(this.variable), ...outdated].map((name) => [name, undefined] as const)
    return setEnvValues(this.path, { [this.variable]: url, ...Object.fromEntries(gone) })
  }

  /** The value of another variable of the file. */
  read(name: string): Promise<string | undefined> {
    return readEnvValue(this.path, name)
  }
}
