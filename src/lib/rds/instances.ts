import {
  DescribeDBInstancesCommand,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { callAws, isAwsError } from '../aws/errors.ts'
import type { AwsSession } from '../aws/session.ts'
import { CruddurError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { type Instance, toInstance } from './instance.ts'

/** The instances of a region. Errors are ours (see `callAws`). Loads the SDK: to be imported when it is needed. */
export class Instances {
  readonly #aws: AwsSession
  readonly #client: RDSClient
  readonly #signal: AbortSignal | undefined

  constructor(aws: AwsSession, signal?: AbortSignal) {
    this.#aws = aws
    this.#client = new RDSClient(aws.clientOptions)
    this.#signal = signal
  }

  /**
   * An instance by its identifier.
   * @throws {CruddurError} `INSTANCE_NOT_FOUND`, with the near one
   */
  async describe(id: string): Promise<Instance> {
    try {
      const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })
      const { DBInstances: [found = {}] = [] } = await this.#call('DescribeDBInstances', id, (sending) =>
        this.#client.send(command, sending),
      )
      return toInstance(found)
    } catch (error) {
      throw isAwsError(error, 'DBInstanceNotFound') ? await this.#notFound(id, error.cause) : error
    }
  }

  /** Asks AWS to start an instance. */
  async start(id: string): Promise<void> {
    const command = new StartDBInstanceCommand({ DBInstanceIdentifier: id })
    await this.#call('StartDBInstance', id, (sending) => this.#client.send(command, sending))
  }

  /** Asks AWS to stop an instance. */
  async stop(id: string): Promise<void> {
    const command = new StopDBInstanceCommand({ DBInstanceIdentifier: id })
    await this.#call('StopDBInstance', id, (sending) => this.#client.send(command, sending))
  }

  /** Lets go of the connections. */
  close(): void {
    this.#client.destroy()
  }

  async #notFound(id: string, cause: unknown): Promise<CruddurError> {
    const { region, regionSource } = this.#aws
    const all = await this.#call('DescribeDBInstances', '*', (sending) =>
      this.#client.send(new DescribeDBInstancesCommand({}), sending),
    ).catch(() => undefined)
    const names = (all?.DBInstances ?? []).map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier)
    const near = nearest(id, names)
    return new CruddurError(`There is no RDS instance "${id}" in ${region} (from ${regionSource}).`, {
      code: 'INSTANCE_NOT_FOUND',
      hint: near === undefined ? 'Is it the right region and account?' : `Did you mean "${near}"?`,
      details: { instance: id, region, instances: names },
      cause,
    })
  }

  #call<T>(action: string, id: string, work: Parameters<typeof callAws<T>>[1]): Promise<T> {
    const policyResource = action.startsWith('Describe') ? '*' : `arn:aws:rds:*:*:db:${id}`
    const call = {
      action: `rds:${action}`,
      resource: id,
      policyResource,
      aws: this.#aws,
      signal: this.#signal,
    }
    return callAws(call, work)
  }
}
