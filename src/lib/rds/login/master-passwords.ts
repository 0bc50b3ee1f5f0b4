import {
  type ModifyDBClusterMessage,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import type { Database } from '../database.ts'
import { rdsArn } from '../rds-arn.ts'

/** What is asked of AWS about a master user's password. */
type Wish = Pick<
  ModifyDBClusterMessage,
  'MasterUserPassword' | 'ManageMasterUserPassword' | 'RotateMasterUserPassword'
>

/** Failures of the network in which a request cannot have arrived. */
const NEVER_ARRIVED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Changes the passwords of master users, by the API and never by SQL, which servers log. Loads the SDK: to be imported when it is needed. */
export class MasterPasswords extends ServiceClient<RDSClient> {
  #underway = false
  #lost = false

  constructor(aws: AwsSession, signal?: AbortSignal) {
    const client = new RDSClient(aws.clientOptions)
    super('rds', client, aws, signal)
    // Within the SDK's retries, so that it sees each of them; around what makes an error of an answer.
    client.middlewareStack.add((next) => (request) => this.#watch(() => next(request)), {
      step: 'deserialize',
      priority: 'high',
    })
  }

  /** Whether a request may have taken effect although it failed: there was no answer to it. */
  get unanswered(): boolean {
    return this.#underway || this.#lost
  }

  /**
   * Sets the password.
   * @returns whether AWS is at it still; some, as emulators do, are done with the answer
   */
  set(database: Database, password: string): Promise<boolean> {
    return this.#modify(database, { MasterUserPassword: password })
  }

  /** Has Secrets Manager make the password, keep it, and change it from time to time. */
  manage(database: Database): Promise<boolean> {
    return this.#modify(database, { ManageMasterUserPassword: true })
  }

  /** Has Secrets Manager make another one. */
  rotate(database: Database): Promise<boolean> {
    return this.#modify(database, { RotateMasterUserPassword: true })
  }

  async #modify({ kind, id }: Database, wish: Wish): Promise<boolean> {
    const whole = { ...wish, ApplyImmediately: true }
    if (kind === 'cluster') {
      const { DBCluster } = await this.call('ModifyDBCluster', id, rdsArn('cluster', id), (client, sending) =>
        client.send(new ModifyDBClusterCommand({ ...whole, DBClusterIdentifier: id }), sending),
      )
      return isUnderWay(DBCluster)
    }
    const { DBInstance } = await this.call('ModifyDBInstance', id, rdsArn('db', id), (client, sending) =>
      client.send(new ModifyDBInstanceCommand({ ...whole, DBInstanceIdentifier: id }), sending),
    )
    return isUnderWay(DBInstance)
  }

  async #watch<T>(attempt: () => Promise<T>): Promise<T> {
    this.#underway = true
    try {
      const answer = await attempt()
      // What went before has been answered by this: a password that is set twice is the same.
      this.#lost = false
      return answer
    } catch (error) {
      if (!isRefusal(error)) this.#lost = true
      throw error
    } finally {
      this.#underway = false
    }
  }
}

/** Whether RDS has yet to do what it was asked for. */
function isUnderWay(
  described: { PendingModifiedValues?: { MasterUserPassword?: string | undefined } | undefined } | undefined,
): boolean {
  return described?.PendingModifiedValues?.MasterUserPassword !== undefined
}

/** Whether an error says that nothing was done. */
function isRefusal(error: unknown): boolean {
  const { $metadata, code } = error as {
    $metadata?: { httpStatusCode?: number }
    code?: string
  }
  const status = $metadata?.httpStatusCode
  return status === undefined ? NEVER_ARRIVED.has(code ?? '') : status >= 400 && status < 500
}
