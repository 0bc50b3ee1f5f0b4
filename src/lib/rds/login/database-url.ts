import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import type { VerbOptions } from '../../progress.ts'
import { maskedUrl, parseConnectionUrl } from '../../target/connection-url.ts'
import type { Database, DatabaseKind } from '../database.ts'
import { iamToken } from './iam-token.ts'
import { masterUrl } from './master-url.ts'

export interface DatabaseUrlOptions extends VerbOptions {
  aws: AwsSession
  /** The identifier of an instance or a cluster. */
  id: string
  /** A URL that is known of a database, that of production; it counts if it leads to this one. */
  configured?: string | undefined
  /** Whether to log in with a token of IAM, whatever else there is. */
  iam?: boolean | undefined
  /** Who logs in with the token; the master user by default. */
  user?: string | undefined
  /** Milliseconds since 1970, of this moment. */
  now?: number | undefined
}

/** Where a password is from: the URL that was configured, the secret that Secrets Manager keeps, or a token of IAM. */
export type PasswordSource = 'configured' | 'secret' | 'iam'

export interface DatabaseUrl {
  id: string
  kind: DatabaseKind
  /** With the password, where it is known. */
  url: string
  /** The URL as it may be shown. */
  maskedUrl: string
  host: string
  port: number
  database: string
  user: string
  password: string | undefined
  /** `undefined` where the password is not known: AWS keeps none but in secrets. */
  passwordSource: PasswordSource | undefined
  /** When a token ends. */
  expiresAt: Date | undefined
}

/** What is known of how to log in. */
interface Login {
  url: string
  source: PasswordSource | undefined
  expiresAt?: Date
}

/**
 * The connection URL of a database: with a token of IAM if that is wanted or the only way; else the configured one, if it leads
 * there; else with the secret's password. That of a managed master user is always the secret's, since it is changed every week.
 * @throws {CruddurError} `INSTANCE_NOT_FOUND`, `INSTANCE_NO_ENDPOINT`, `IAM_LOGIN_OFF`, `SECRET_NOT_READABLE`, `AWS_…`
 */
export async function databaseUrl(options: DatabaseUrlOptions): Promise<DatabaseUrl> {
  const { Databases } = await import('../databases.ts')
  const databases = new Databases(options.aws, options.signal)
  try {
    const database = await databases.find(options.id)
    const { endpoint } = database
    if (!endpoint) throw noEndpoint(database)
    const { url, source, expiresAt } = await logIn(options, { ...database, endpoint })
    const target = parseConnectionUrl(url)
    const { host, port, user, password } = target
    return {
      id: database.id,
      kind: database.kind,
      url,
      maskedUrl: password === undefined ? url : maskedUrl(target),
      host,
      port,
      database: target.database,
      user,
      password,
      passwordSource: password === undefined ? undefined : source,
      expiresAt,
    }
  } finally {
    databases.close()
  }
}

type Reachable = Database & { endpoint: { host: string; port: number } }

async function logIn(options: DatabaseUrlOptions, database: Reachable): Promise<Login> {
  const { aws, configured, iam = false, signal, now } = options
  const known = configured !== undefined && leadsTo(configured, database) ? configured : undefined
  const isMaster = known === undefined || parseConnectionUrl(known).user === database.masterUser
  if (iam || (isMaster && database.masterLogin === 'iam')) {
    const user = options.user ?? database.masterUser
    const { endpoint } = database
    const given = { aws, database, endpoint, user, signal, ...(now === undefined ? {} : { now }) }
    const { token, expiresAt } = await iamToken(given)
    return { url: masterUrl({ ...database, masterUser: user }, token), source: 'iam', expiresAt }
  }
  if (isMaster && database.secretArn !== undefined) {
    const { MasterSecrets } = await import('./master-secrets.ts')
    const secrets = new MasterSecrets(aws, signal)
    try {
      const { user, password } = await secrets.read(database.secretArn)
      return { url: masterUrl({ ...database, masterUser: user }, password), source: 'secret' }
    } finally {
      secrets.close()
    }
  }
  return { url: known ?? masterUrl(database), source: 'configured' }
}

/** Whether a connection URL has the endpoint of a database for its host. */
export function leadsTo(url: string, { endpoint }: Pick<Database, 'endpoint'>): boolean {
  const { host, port } = parseConnectionUrl(url)
  return host.toLowerCase() === endpoint?.host.toLowerCase() && port === endpoint.port
}

/** For a database that has no address (yet). */
export function noEndpoint({ id, status }: Database): CruddurError {
  return new CruddurError(`${id} has no address yet: its status is ${status}.`, {
    code: 'INSTANCE_NO_ENDPOINT',
    hint: `It has one when it is available: cruddur rds start ${id} waits for that.`,
    details: { id, status },
  })
}
