import { readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { UsageError } from '../errors.ts'
import { parseEnvBytes } from './env-text.ts'
import { findProjectRoot } from './project.ts'

/** A value and where it was found, for messages. */
interface Found {
  value: string
  source: string
}

/** Everything that is read from the environment before work starts. */
export interface Settings {
  /** The folder the command was called in. */
  directory: string
  projectRoot: string
  /** The file that is read besides the environment, the project's `.env`; it need not exist. */
  envFile: string
  connectionUrl: Found | undefined
  prodConnectionUrl: Found | undefined
  /** The user name that libpq would take when a URL names none. */
  systemUser: string
  home: string | undefined
  /** Folder for what cruddur remembers of this user besides any project; it need not exist. */
  stateFolder: string | undefined
  /** `PGPASSWORD`, for a URL that holds no password. */
  password: string | undefined
  /** Path of libpq's password file. */
  passwordFile: string | undefined
  /** Any other variable of the environment or of `.env`. */
  find(name: string): Found | undefined
  /** The search path for programs. */
  path: string | undefined
  /** The environment as a whole, for `\getenv` in scripts and for child processes. */
  environment: Readonly<Record<string, string | undefined>>
}

export interface SettingsOptions {
  directory: string
  environment: Readonly<Record<string, string | undefined>>
  /** A file to read instead of the project's `.env`. */
  envFile?: string | undefined
}

/**
 * Reads the settings: the environment before `.env`, never the other way round. A `.env` that is not there is fine; one
 * that was named must be.
 * @throws {UsageError} `ENV_FILE_NOT_READABLE`
 */
export function loadSettings({ directory, environment, envFile }: SettingsOptions): Settings {
  const projectRoot = findProjectRoot(directory)
  const path =
    envFile === undefined
      ? join(projectRoot, '.env')
      : isAbsolute(envFile)
        ? envFile
        : join(directory, envFile)
  const fromFile = readEnvFile(path, envFile !== undefined)
  const find = (name: string): Found | undefined => {
    const given = environment[name]
    if (given) return { value: given, source: `${name} in the environment` }
    const filed = fromFile[name]
    return filed ? { value: filed, source: `${name} in ${path}` } : undefined
  }
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? safely(homedir)
  return {
    directory,
    projectRoot,
    envFile: path,
    connectionUrl: find('CONNECTION_URL'),
    prodConnectionUrl: find('PROD_CONNECTION_URL'),
    systemUser: safely(() => userInfo().username) ?? environment['USER'] ?? 'postgres',
    home,
    stateFolder: stateFolder(environment, home),
    password: find('PGPASSWORD')?.value,
    passwordFile: environment['PGPASSFILE'] || (home === undefined ? undefined : join(home, '.pgpass')),
    find,
    path: environment['PATH'],
    environment,
  }
}

/** As the XDG Base Directory Specification has it (a relative path does not count), and Windows its own. */
function stateFolder(
  environment: SettingsOptions['environment'],
  home: string | undefined,
): string | undefined {
  const named = environment['XDG_STATE_HOME'] ?? environment['LOCALAPPDATA']
  if (named !== undefined && isAbsolute(named)) return join(named, 'cruddur')
  return home === undefined ? undefined : join(home, '.local', 'state', 'cruddur')
}

/** No file, or a folder: Python keeps environments in one that is called `.env` as well. */
const NO_FILE = new Set(['ENOENT', 'EISDIR'])

function readEnvFile(path: string, required: boolean): NodeJS.Dict<string> {
  try {
    return parseEnvBytes(readFileSync(path))
  } catch (error) {
    if (!required && NO_FILE.has((error as NodeJS.ErrnoException).code ?? '')) return {}
    throw new UsageError(`The file "${path}" cannot be read.`, {
      code: 'ENV_FILE_NOT_READABLE',
      hint: 'Correct --dotenv, or the rights on the file.',
      cause: error,
    })
  }
}

/** The user of a container may have no entry in the password file, and then these throw. */
function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
