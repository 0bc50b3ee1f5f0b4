import { connectionUrl, parseConnectionUrl } from '../target/connection-url.ts'
import { readEnvValue, setEnvValues } from './env-file.ts'
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
  return change(settings, from, (url) => {
    const moved = url.replace(/@[^/?]*/, () => `@${to.host}:${to.port}`)
    // A host that stands among the parameters counts before the one that has been replaced.
    return hostOf(moved) === to.host.toLowerCase()
      ? moved
      : connectionUrl({ ...parseConnectionUrl(url), ...to })
  })
}

/** The file is changed by what stands there itself: the environment, which counts before it, may name another database. */
async function change(
  { prodConnectionUrl, envFile }: Settings,
  hosts: readonly string[],
  rewrite: ((url: string) => string | undefined) | undefined,
): Promise<ProductionChange> {
  const leads = (url: string) => hosts.some((one) => one.toLowerCase() === hostOf(url))
  const leadsThere = prodConnectionUrl !== undefined && leads(prodConnectionUrl.value)
  const source = prodConnectionUrl?.source
  const filed = rewrite && ((await readEnvValue(envFile, NAME)) || undefined)
  if (!rewrite || filed === undefined || !leads(filed)) return { leadsThere, changed: false, source }
  const { changed } = await setEnvValues(envFile, { [NAME]: rewrite(filed) })
  return { leadsThere, changed, source }
}

/** In lower case; `undefined` if the URL cannot be read: what it says is not known then, and is left alone. */
function hostOf(url: string): string | undefined {
  try {
    return parseConnectionUrl(url).host.toLowerCase()
  } catch {
    return undefined
  }
}
