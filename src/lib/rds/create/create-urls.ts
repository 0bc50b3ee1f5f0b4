import { CruddurError } from '../../errors.ts'
import { parseConnectionUrl } from '../../target/connection-url.ts'
import { databaseOfHost, regionOfHost } from '../../target/rds-host.ts'
import type { Database } from '../database.ts'
import { masterUrl, redactedMasterUrl } from '../login/master-url.ts'
import type { NewDatabase } from './new-database.ts'
import { type Pending, PENDING_URL, pendingUrl, type PendingRequest, readPendingUrl } from './pending-url.ts'
import { TAG } from '../tags.ts'
import type { UrlFile } from './url-file.ts'

/** The name of the connection URL in `.env`. */
const URL_NAME = 'PROD_CONNECTION_URL'

/** The database that a new URL is to lead to. */
type Place = Pick<PendingRequest, 'id' | 'region'>

/**
 * Makes sure that a URL of this database can take its place in the file, before anything is done.
 * @param force whether URLs of other databases are given up
 * @returns what an earlier run has kept that did not come to its end
 * @throws {CruddurError} `ENV_FILE_NOT_WRITABLE`; `ENV_URL_TAKEN`, kind `refused`
 */
export async function prepareUrlFile(
  file: UrlFile,
  place: Place,
  force: boolean,
): Promise<Pending | undefined> {
  await file.ensureWritable()
  const present = await file.read(URL_NAME)
  const pending = readPendingUrl(await file.read(PENDING_URL))
  const own = pending && pending.id === place.id && pending.region === place.region
  if (!force) {
    if (present && !leadsTo(present, place)) throw taken(file, URL_NAME, hostOf(present), place)
    if (pending && !own) throw unfinished(file, pending, place)
  }
  return own ? pending : undefined
}

/** Keeps what is sent with a request, before it is sent. */
export async function keepPending(file: UrlFile, instance: NewDatabase, pending: Pending): Promise<void> {
  await file.write({ [PENDING_URL]: pendingUrl(instance, pending) })
}

/** Forgets a request that has not had any effect. */
export async function dropPending(file: UrlFile): Promise<void> {
  // What failed before is what is to be told.
  await file.write({ [PENDING_URL]: undefined }).catch(() => undefined)
}

/** Whether a database is what a request has made. */
export function isMadeBy(database: Database, pending: Pending | undefined): boolean {
  return pending !== undefined && database.tags[TAG.request] === pending.request
}

/**
 * What became of the URL in the file: `there` it was already, and stays as it is; `unknown` it cannot be written, as nobody
 * here knows the password.
 */
export type UrlOutcome = 'written' | 'there' | 'unknown'

/**
 * Puts the URL of a database into the file, in the place of the pending one. A URL that leads to the database already is
 * somebody's own, unless the request that is pending has only just made the database.
 * @returns also the URL as it may be shown: with a mask where it has a password
 */
export async function finishUrl(
  file: UrlFile,
  database: Database & { endpoint: NonNullable<Database['endpoint']> },
  pending: Pending | undefined,
): Promise<{ outcome: UrlOutcome; url: string }> {
  const made = isMadeBy(database, pending)
  const hasPassword = database.masterLogin === 'password'
  const url = hasPassword ? redactedMasterUrl(database) : masterUrl(database)
  const present = (await file.read(URL_NAME)) ?? ''
  if (!made && hostOf(present) === database.endpoint.host.toLowerCase()) return { outcome: 'there', url }
  if (!made && hasPassword) return { outcome: 'unknown', url: masterUrl(database) }
  await file.write({
    [URL_NAME]: masterUrl(database, hasPassword ? pending?.password : undefined),
    ...(made ? { [PENDING_URL]: undefined } : {}),
  })
  return { outcome: 'written', url }
}

function leadsTo(url: string, { id, region }: Place): boolean {
  const host = hostOf(url) ?? ''
  return databaseOfHost(host) === id && regionOfHost(host) === region
}

/** In lower case; `undefined` if the URL cannot be read. */
function hostOf(url: string): string | undefined {
  try {
    return parseConnectionUrl(url).host.toLowerCase()
  } catch {
    return undefined
  }
}

function taken({ path }: UrlFile, name: string, host: string | undefined, { id }: Place): CruddurError {
  return new CruddurError(
    `${name} in ${path} is ${host === undefined ? 'not a URL that can be read' : `that of ${host}`}, and would be overwritten with that of ${id}; nothing was done.`,
    {
      code: 'ENV_URL_TAKEN',
      kind: 'refused',
      hint: 'Keep it under another name or take it out; --force gives it up.',
      details: { path, name, host: host ?? null, id },
    },
  )
}

function unfinished({ path }: UrlFile, pending: Pending, { id }: Place): CruddurError {
  return new CruddurError(
    `${path} holds the password of ${pending.id} in ${pending.region}, which has not been seen to come up, and it would be overwritten with that of ${id}; nothing was done.`,
    {
      code: 'ENV_URL_TAKEN',
      kind: 'refused',
      hint: `Finish it: cruddur rds create ${pending.id} --region ${pending.region}; --force gives it up.`,
      details: { path, name: PENDING_URL, pending: pending.id, id },
    },
  )
}
