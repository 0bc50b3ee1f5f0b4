import { parseConnectionUrl } from '../target/connection-url.ts'
import { setEnvValues } from './env-file.ts'
import type { Settings } from './settings.ts'

const NAME = 'PROD_CONNECTION_URL'

/** What became of the project's `.env`. */
export interface ProductionChange {
  /** Whether PROD_CONNECTION_URL leads to the host, or did. */
  leadsThere: boolean
  changed: boolean
  /** Where the value comes from, e.g. `PROD_CONNECTION_URL in the environment`. */
  source: string | undefined
}

/**
 * Whether PROD_CONNECTION_URL leads to a host; where it does and that is wanted, it is taken out of `.env`.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function forgetProduction(
  settings: Settings,
  host: string,
  isWanted: boolean,
): Promise<ProductionChange> {
  return change(settings, [host], isWanted ? () => undefined : undefined)
}

/**
 * Has PROD_CONNECTION_URL in `.env` lead to another server, with the same user and password; only where it led to one of the
 * given hosts before.
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`
 */
export async function moveProduction(
  settings: Settings,
  from: readonly string[],
  to: { host: string; port: number },
): Promise<ProductionChange> {
  // It has been parsed: there is one @ in front of the host, and no other.
  return change(settings, from, (url) => url.replace(/@[^/?]*/, () => `@${to.host}:${to.port}`))
}

async function change(
  { prodConnectionUrl, envFile }: Settings,
  hosts: readonly string[],
  rewrite: ((url: string) => string | undefined) | undefined,
): Promise<ProductionChange> {
  const host = prodConnectionUrl && parseConnectionUrl(prodConnectionUrl.value).host.toLowerCase()
  const leadsThere = host !== undefined && hosts.some((one) => one.toLowerCase() === host)
  const source = prodConnectionUrl?.source
  if (!prodConnectionUrl || !leadsThere || !rewrite) return { leadsThere, changed: false, source }
  const { changed } = await setEnvValues(envFile, { [NAME]: rewrite(prodConnectionUrl.value) })
  return { leadsThere, changed, source }
}
