import {
  AddTagsToResourceCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { toTags } from '../../aws/tags.ts'
import type { Database } from '../database.ts'
import { rdsArn } from '../rds-arn.ts'

/** What is to become of the data. */
export interface Leftovers {
  /** The name of the final snapshot; none is taken without it. */
  snapshot: string | undefined
  /** Whether the automated backups stay for as long as they were to be kept. */
  keepBackups: boolean
}

/** The end of databases. Loads the SDK: to be imported when it is needed. */
export class Removals extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /** Adds tags to a database; a final snapshot gets them too, if it gets any. */
  async tag({ arn, id }: Database, tags: Readonly<Record<string, string>>): Promise<void> {
    const command = new AddTagsToResourceCommand({ ResourceName: arn, Tags: toTags(tags) })
    await this.call('AddTagsToResource', id, arn, (client, sending) => client.send(command, sending))
  }

  /** Asks AWS to switch the deletion protection off. */
  async unprotect({ kind, id }: Database): Promise<void> {
    const change = { DeletionProtection: false, ApplyImmediately: true }
    if (kind === 'instance')
      await this.call('ModifyDBInstance', id, rdsArn('db', id), (client, sending) =>
        client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: id, ...change }), sending),
      )
    else
      await this.call('ModifyDBCluster', id, rdsArn('cluster', id), (client, sending) =>
        client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: id, ...change }), sending),
      )
  }

  /** Asks AWS to delete a database; the instances of a cluster must be on their way out already. */
  async delete({ kind, id }: Database, { snapshot, keepBackups }: Leftovers): Promise<void> {
    // AWS wants exactly one of the two.
    const end = snapshot === undefined ? { SkipFinalSnapshot: true } : { FinalDBSnapshotIdentifier: snapshot }
    const how = { ...end, DeleteAutomatedBackups: !keepBackups }
    const named = snapshot ?? '*'
    if (kind === 'instance')
      await this.call(
        'DeleteDBInstance',
        id,
        [rdsArn('db', id), rdsArn('snapshot', named)],
        (client, sending) =>
          client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, ...how }), sending),
      )
    else
      await this.call(
        'DeleteDBCluster',
        id,
        [rdsArn('cluster', id), rdsArn('cluster-snapshot', named)],
        (client, sending) =>
          client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: id, ...how }), sending),
      )
  }

  /** Asks AWS to delete an instance of a cluster: the data belongs to the cluster. */
  async deleteMember(id: string): Promise<void> {
    const command = new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true })
    await this.call('DeleteDBInstance', id, rdsArn('db', id), (client, sending) =>
      client.send(command, sending),
    )
  }

  /** The status of a cluster itself, whatever its instances do. */
  async clusterStatus(id: string): Promise<string | undefined> {
    const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id })
    const { DBClusters: [found] = [] } = await this.call('DescribeDBClusters', id, '*', (client, sending) =>
      client.send(command, sending),
    )
    return found?.Status
  }
}
