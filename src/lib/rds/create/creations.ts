import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { toTags } from '../../aws/tags.ts'
import { clusterInput, firstInstanceInput, instanceInput } from './creation-input.ts'
import { firstInstanceOf, type NewDatabase } from './new-database.ts'
import { rdsArn } from '../rds-arn.ts'

type Tags = Readonly<Record<string, string>>

/** Asks RDS for new databases. Loads the SDK: to be imported when it is needed. */
export class Creations extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /**
   * Asks for an instance, or for a cluster, which is without any instance then.
   * @param password of the master user, if there is one to send
   */
  async create(database: NewDatabase, tags: Tags, password: string | undefined): Promise<void> {
    const { kind, id } = database
    const Tags = toTags(tags)
    if (kind === 'instance')
      await this.call('CreateDBInstance', id, rdsArn('db', id), (client, sending) =>
        client.send(new CreateDBInstanceCommand({ ...instanceInput(database, password), Tags }), sending),
      )
    else
      await this.call('CreateDBCluster', id, rdsArn('cluster', id), (client, sending) =>
        client.send(new CreateDBClusterCommand({ ...clusterInput(database, password), Tags }), sending),
      )
  }

  /** Asks for the first instance of a cluster. */
  async createFirstInstance(cluster: string, publiclyAccessible: boolean, tags: Tags): Promise<void> {
    const id = firstInstanceOf(cluster)
    const command = new CreateDBInstanceCommand({
      ...firstInstanceInput(cluster, publiclyAccessible),
      Tags: toTags(tags),
    })
    const resources = [rdsArn('db', id), rdsArn('cluster', cluster)]
    await this.call('CreateDBInstance', id, resources, (client, sending) => client.send(command, sending))
  }
}
