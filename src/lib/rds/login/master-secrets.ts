import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { CruddurError } from '../../errors.ts'

/** What the secret of a master user holds: neither host nor database. */
export interface MasterSecret {
  user: string
  password: string
}

/** Why a secret cannot be read by whoever may, and what to do, by the name of the error (API reference, `GetSecretValue`). */
const REASONS: readonly (readonly [name: string, reason: string, hint: string])[] = [
  ['ResourceNotFound', 'it has no value yet, or is gone', 'Just after it was made, try again in a minute.'],
  ['InvalidRequest', 'it is being made or deleted', 'Try again in a minute.'],
  [
    'DecryptionFailure',
    'its key cannot be used',
    'Ask whoever administers the account for kms:Decrypt with that key.',
  ],
]

/** The secrets in which Secrets Manager keeps the passwords of master users. Loads the SDK: to be imported when it is needed. */
export class MasterSecrets extends ServiceClient<SecretsManagerClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('secretsmanager', new SecretsManagerClient(aws.clientOptions), aws, signal)
  }

  /**
   * Reads a secret.
   * @throws {CruddurError} `SECRET_NOT_READABLE`, `AWS_NOT_ALLOWED` with the smallest policy, `AWS_…`
   */
  async read(arn: string): Promise<MasterSecret> {
    try {
      const { SecretString } = await this.call('GetSecretValue', arn, arn, (client, sending) =>
        client.send(new GetSecretValueCommand({ SecretId: arn }), sending),
      )
      return parse(arn, SecretString)
    } catch (error) {
      const found = REASONS.find(([name]) => isAwsError(error, name))
      throw found ? notReadable(arn, found[1], found[2], error) : error
    }
  }
}

function parse(arn: string, text = ''): MasterSecret {
  try {
    const { username, password } = JSON.parse(text) as Record<string, unknown>
    if (typeof username === 'string' && typeof password === 'string') return { user: username, password }
  } catch {
    // An error of the parser would repeat what is in it.
  }
  throw notReadable(
    arn,
    'it holds no user name and password',
    'cruddur rds reset-password makes another one.',
  )
}

function notReadable(arn: string, reason: string, hint: string, cause?: unknown): CruddurError {
  return new CruddurError(`The secret ${arn} cannot be read: ${reason}.`, {
    code: 'SECRET_NOT_READABLE',
    hint,
    details: { secretArn: arn },
    cause,
  })
}
