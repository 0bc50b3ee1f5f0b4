import {
  CreateDBInstanceCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { toTags } from '../../aws/tags.ts'
import { rdsArn, type RdsResource } from '../rds-arn.ts'
import type { RestoreSettings } from './restore-settings.ts'
import type { Snapshot } from './snapshot.ts'

/** The class of an instance whose capacity the cluster decides. */
const SERVERLESS = 'db.serverless'

/**
 * Where nothing is known of the original. From 0.5 on: only some minors can pause at 0 ("How Aurora Serverless v2 works").
 */
const CAPACITY = { min: 0.5, max: 2 } as const

/** Databases made from snapshots. Loads the SDK: to be imported when it is needed. */
export class Restores extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /** Asks AWS for the instance or the cluster. A cluster has no instance to connect to yet. */
  async restore(snapshot: Snapshot, id: string, settings: RestoreSettings): Promise<void> {
    await (snapshot.kind === 'instance'
      ? this.#instance(snapshot, id, settings)
      : this.#cluster(snapshot, id, settings))
  }

  /** Asks AWS for an instance of a cluster. */
  async addMember(cluster: string, id: string, snapshot: Snapshot, settings: RestoreSettings): Promise<void> {
    const command = new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBClusterIdentifier: cluster,
      DBInstanceClass: settings.className ?? SERVERLESS,
      Engine: snapshot.engine,
      PubliclyAccessible: settings.publiclyAccessible,
      Tags: toTags(settings.tags),
    })
    await this.call(
      'CreateDBInstance',
      id,
      [rdsArn('db', id), rdsArn('cluster', cluster)],
      (client, sending) => client.send(command, sending),
    )
  }

  async #instance(snapshot: Snapshot, id: string, settings: RestoreSettings): Promise<void> {
    const command = new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: id,
      DBSnapshotIdentifier: snapshot.name,
      DBInstanceClass: settings.className,
      DBParameterGroupName: settings.parameterGroup,
      PubliclyAccessible: settings.publiclyAccessible,
      ...common(settings),
    })
    const resources = [rdsArn('db', id), rdsArn('snapshot', snapshot.name), ...anyOf('pg', 'og', 'subgrp')]
    await this.call('RestoreDBInstanceFromDBSnapshot', id, resources, (client, sending) =>
      client.send(command, sending),
    )
  }

  async #cluster(snapshot: Snapshot, id: string, settings: RestoreSettings): Promise<void> {
    const { min, max } = settings.capacity ?? CAPACITY
    const isServerless = settings.capacity !== undefined || (settings.className ?? SERVERLESS) === SERVERLESS
    const command = new RestoreDBClusterFromSnapshotCommand({
      DBClusterIdentifier: id,
      SnapshotIdentifier: snapshot.name,
      Engine: snapshot.engine,
      // Else AWS would take the default one of the region.
      EngineVersion: snapshot.version,
      DBClusterParameterGroupName: settings.parameterGroup,
      ServerlessV2ScalingConfiguration: isServerless ? { MinCapacity: min, MaxCapacity: max } : undefined,
      ...common(settings),
    })
    const resources = [
      rdsArn('cluster', id),
      rdsArn('cluster-snapshot', snapshot.name),
      ...anyOf('cluster-pg', 'og', 'subgrp'),
    ]
    await this.call('RestoreDBClusterFromSnapshot', id, resources, (client, sending) =>
      client.send(command, sending),
    )
  }
}

/** The groups that a database is made with must be allowed as well. */
function anyOf(...kinds: RdsResource[]): string[] {
  return kinds.map((kind) => rdsArn(kind, '*'))
}

/** What both calls have under the same names. */
function common(settings: RestoreSettings) {
  return {
    VpcSecurityGroupIds: settings.securityGroups.length > 0 ? settings.securityGroups : undefined,
    DBSubnetGroupName: settings.subnetGroup,
    Port: settings.port,
    NetworkType: settings.networkType,
    CopyTagsToSnapshot: settings.copiesTags,
    DeletionProtection: settings.deletionProtection,
    EnableIAMDatabaseAuthentication: settings.iamLogin,
    EngineLifecycleSupport: `open-source-rds-extended-support${settings.extendedSupport ? '' : '-disabled'}`,
    Tags: toTags(settings.tags),
  }
}
