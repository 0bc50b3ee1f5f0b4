import type { UrlChange } from '../../config/url-change.ts'
import { waitingName } from '../../config/url-change.ts'
import { UsageError } from '../../errors.ts'
import { displayUrl, parseConnectionUrl } from '../../target/connection-url.ts'
import { withPassword } from '../../target/with-password.ts'
import type { Database } from '../database.ts'
import { leadsTo, noEndpoint } from './database-url.ts'
import { masterUrl } from './master-url.ts'
import { generatePassword } from './password.ts'
import type { ResetMode } from './reset-rules.ts'

/** What is to become of a connection URL in `.env`. */
export interface UrlPlan {
  /** The password that is to be set; none where Secrets Manager makes it. */
  password: string | undefined
  /** The URL afterwards; `undefined` where the present one, or that there is none, stays. */
  url: string | undefined
  /** Whether a reset before this one has left its URL there, of which it is not known whether it holds. */
  resumes: boolean
}

/**
 * Decides what is to stand in `.env`. A reset whose outcome never became known is gone on with: its password is set again. The
 * URL of a password that Secrets Manager keeps has none, since that would be wrong within a week.
 * @param given a password that somebody has chosen
 * @throws {UsageError} `ENV_URL_TAKEN`, `RESET_UNSETTLED`, `INVALID_URL`
 * @throws {CruddurError} `INSTANCE_NO_ENDPOINT`, `ENV_FILE_NOT_WRITABLE`
 */
export async function planUrl(
  change: UrlChange,
  database: Database,
  mode: ResetMode,
  given: string | undefined,
): Promise<UrlPlan> {
  const present = (await change.present()) || undefined
  const waiting = (await change.waiting()) || undefined
  const isOf = (url: string | undefined) => url !== undefined && isMasters(url, database)
  const resumes = isOf(waiting)
  if (mode !== 'set') {
    const stale = present !== undefined && isOf(present) && parseConnectionUrl(present).password !== undefined
    return { password: undefined, url: stale ? withPassword(present, undefined) : undefined, resumes }
  }
  const { endpoint } = database
  if (!endpoint) throw noEndpoint(database)
  if (present !== undefined && !isOf(present)) throw taken(change, change.variable, present, database)
  if (waiting !== undefined && !resumes) throw taken(change, waitingName(change.variable), waiting, database)
  const before = waiting === undefined ? undefined : parseConnectionUrl(waiting).password
  if (given !== undefined && before !== undefined && given !== before) throw unsettled(change, database)
  const password = given ?? before ?? generatePassword()
  const url =
    present === undefined ? masterUrl({ ...database, endpoint }, password) : withPassword(present, password)
  return { password, url, resumes }
}

/** Whether a URL is that of the database's master user. */
function isMasters(url: string, database: Database): boolean {
  return leadsTo(url, database) && parseConnectionUrl(url).user === database.masterUser
}

/** Another URL must not be lost for this one. */
function taken(change: UrlChange, name: string, url: string, { id, masterUser }: Database): UsageError {
  const shown = displayUrl(parseConnectionUrl(url))
  return new UsageError(`${name} in ${change.path} is ${shown}, not the URL of ${masterUser} on ${id}.`, {
    code: 'ENV_URL_TAKEN',
    hint: 'Name the variable that is to have it: --variable MASTER_CONNECTION_URL',
    details: { path: change.path, variable: name, id, user: masterUser },
  })
}

function unsettled(change: UrlChange, { id }: Database): UsageError {
  const name = waitingName(change.variable)
  return new UsageError(
    `It is not known yet whether ${id} has the password of ${name} in ${change.path}, which another one would overwrite.`,
    {
      code: 'RESET_UNSETTLED',
      hint: `Without --password, that one is set: cruddur rds reset-password ${id}`,
      details: { path: change.path, variable: name, id },
    },
  )
}
