import { callAws } from '../../aws/errors.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'
import type { Database } from '../database.ts'

export interface IamTokenOptions {
  aws: AwsSession
  database: Pick<Database, 'id' | 'resourceId' | 'iamLogin' | 'masterLogin'>
  endpoint: { host: string; port: number }
  user: string
  signal?: AbortSignal | undefined
  /** Milliseconds since 1970, of this moment. */
  now?: number
}

/** Takes the place of a password, in a connection with TLS only. */
export interface IamToken {
  token: string
  /** No later than this; at the latest 15 min from now, sooner if the credentials end that signed it. */
  expiresAt: Date
}

/** Milliseconds (user guide, "IAM database authentication"). */
const TOKEN_LIFE = 15 * 60_000

/**
 * Signs a token with which a user of the database logs in. AWS is not asked; the credentials are only looked for.
 * @throws {CruddurError} `IAM_LOGIN_OFF`, `AWS_NO_CREDENTIALS`, `AWS_…`
 */
export async function iamToken(options: IamTokenOptions): Promise<IamToken> {
  const { aws, database, endpoint, user, signal, now = Date.now() } = options
  if (!database.iamLogin && database.masterLogin !== 'iam') throw loginOff(database.id)
  const { Signer } = await import('@aws-sdk/rds-signer')
  let until = now + TOKEN_LIFE
  const credentials = async () => {
    const found = await aws.clientOptions.credentials()
    if (found.expiration) until = Math.min(until, found.expiration.getTime())
    return found
  }
  const signer = new Signer({
    hostname: endpoint.host,
    port: endpoint.port,
    username: user,
    region: aws.region,
    credentials,
  })
  const call = {
    action: 'rds-db:connect',
    resource: `${database.id} as ${user}`,
    policyResource: `arn:aws:rds-db:${aws.region}:*:dbuser:${database.resourceId}/${user}`,
    aws,
    signal,
  }
  const token = await callAws(call, () => signer.getAuthToken())
  return { token, expiresAt: new Date(until) }
}

function loginOff(id: string): CruddurError {
  return new CruddurError(`${id} takes no tokens of IAM.`, {
    code: 'IAM_LOGIN_OFF',
    kind: 'refused',
    hint: `To let it: aws rds modify-db-instance --db-instance-identifier ${id} --enable-iam-database-authentication --apply-immediately, and GRANT rds_iam to the user.`,
    details: { id },
  })
}
