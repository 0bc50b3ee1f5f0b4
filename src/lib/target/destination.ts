import { UsageError } from '../errors.ts'
import { parseConnectionUrl, type Target } from './connection-url.ts'
import { isRdsHost } from './rds-host.ts'

/** Which database the user asked for on the command line. */
export interface Choice {
  /** The word `local` or `prod`, if one was given. */
  name?: string | undefined
  prod?: boolean | undefined
  url?: string | undefined
}

/** The URLs that are set, with where each was found. */
export interface KnownUrls {
  connectionUrl: { value: string; source: string } | undefined
  prodConnectionUrl: { value: string; source: string } | undefined
  systemUser: string
}

/** The database that is meant. `embedded`: that of the project's own server, which may have to be started first. */
export type Destination =
  | { kind: 'embedded' }
  | {
      kind: 'local' | 'prod' | 'url'
      target: Target
      source: string
      protectedBecause: string | undefined
      /** Asked for as prod, or the same database by another way; a mark that it bears is not known yet. */
      production: boolean
    }

/**
 * Decides which database is meant: `--url`, else `prod` (PROD_CONNECTION_URL), else local (CONNECTION_URL), else the
 * embedded server. A host name never makes a database unprotected; it may make it protected.
 * @throws {UsageError} `CONFLICTING_TARGETS`, `NO_PROD_URL`, `INVALID_URL`, `NO_DATABASE_NAME`
 */
export function chooseDestination(choice: Choice, known: KnownUrls): Destination {
  const wantsProd = choice.prod === true || choice.name === 'prod'
  if (
    (choice.prod && choice.name === 'local') ||
    (choice.url !== undefined && (wantsProd || choice.name === 'local'))
  )
    throw new UsageError('Two different databases were asked for at once.', {
      code: 'CONFLICTING_TARGETS',
      hint: 'Give one of local, prod (or --prod) and --url.',
    })
  if (choice.url !== undefined) return withUrl('url', choice.url, '--url', known)
  if (wantsProd) return prodDestination(known)
  return known.connectionUrl
    ? withUrl('local', known.connectionUrl.value, known.connectionUrl.source, known)
    : { kind: 'embedded' }
}

function prodDestination(known: KnownUrls): Destination {
  if (known.prodConnectionUrl)
    return withUrl('prod', known.prodConnectionUrl.value, known.prodConnectionUrl.source, known)
  throw new UsageError('There is no production database: PROD_CONNECTION_URL is not set.', {
    code: 'NO_PROD_URL',
    hint: "Put PROD_CONNECTION_URL=postgres://user:password@host:5432/name into the project's .env.",
  })
}

function withUrl(kind: 'local' | 'prod' | 'url', url: string, source: string, known: KnownUrls): Destination {
  const target = parse(url, source, known)
  if (target.database === '')
    throw new UsageError(`The URL (${source}) names no database.`, {
      code: 'NO_DATABASE_NAME',
      hint: 'Add its name behind the port: …:5432/name',
    })
  const production = kind === 'prod' || isProdUrl(target, known)
  return { kind, target, source, protectedBecause: protectionReason(kind, target, production), production }
}

function parse(url: string, source: string, known: KnownUrls): Target {
  try {
    return parseConnectionUrl(url, known.systemUser)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${error.message} It comes from ${source}.`, { code: error.code, hint: error.hint })
  }
}

function protectionReason(
  kind: 'local' | 'prod' | 'url',
  target: Target,
  production: boolean,
): string | undefined {
  if (kind === 'prod') return 'it was asked for as prod'
  if (isRdsHost(target.host)) return 'its host is an RDS endpoint'
  return production ? 'it is the database that PROD_CONNECTION_URL names' : undefined
}

/** Whether the target is the production database under another name of the URL. */
function isProdUrl(target: Target, { prodConnectionUrl, systemUser }: KnownUrls): boolean {
  if (!prodConnectionUrl) return false
  try {
    const prod = parseConnectionUrl(prodConnectionUrl.value, systemUser)
    const sameHost = prod.host.toLowerCase() === target.host.toLowerCase()
    return sameHost && prod.port === target.port && prod.database === target.database
  } catch {
    // It is not what was asked for; its mistakes show when it is.
    return false
  }
}
