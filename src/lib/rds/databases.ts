import {
  AddTagsToResourceCommand,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  type DescribeDBInstancesMessage,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  RDSClient,
  RemoveTagsFromResourceCommand,
  StartDBClusterCommand,
  StartDBInstanceCommand,
  StopDBClusterCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { isAwsError } from '../aws/errors.ts'
import { ServiceClient } from '../aws/service-client.ts'
import type { AwsSession } from '../aws/session.ts'
import { toTags } from '../aws/tags.ts'
import { CruddurError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { type Database, type DatabaseKind, fromCluster, fromInstance } from './database.ts'
import { rdsArn } from './rds-arn.ts'

/** The instances and clusters of a region. Loads the SDK: to be imported when it is needed. */
export class Databases extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /**
   * A database by its identifier: an instance, else a cluster of that name.
   * @throws {CruddurError} `INSTANCE_NOT_FOUND`, with the near one
   */
  async find(id: string): Promise<Database> {
    return (await this.seek(id)) ?? (await this.#notFound(id))
  }

  /** The same, where it may well be that there is none. */
  async seek(id: string, withInstances = true): Promise<Database | undefined> {
    try {
      return await this.#instance(id)
    } catch (error) {
      if (isAwsError(error, 'DBInstanceNotFound')) return this.#cluster(id, withInstances)
      throw error
    }
  }

  /**
   * As `find`, with fewer calls: of a cluster without what only its instances tell, as whether it is publicly accessible.
   * @param kind what it is, if something tells: that is looked for first
   */
  async findAlone(id: string, kind?: DatabaseKind): Promise<Database> {
    const cluster = kind === 'cluster' ? await this.#cluster(id, false) : undefined
    return cluster ?? (await this.seek(id, false)) ?? (await this.#notFound(id))
  }

  /** All databases of the region: clusters, and instances that belong to none. */
  async list(): Promise<Database[]> {
    const [instances, clusters] = await Promise.all([
      this.#instances('*', {}),
      this.call('DescribeDBClusters', '*', '*', async (client, sending) => {
        const pages = await Array.fromAsync(paginateDescribeDBClusters({ client }, {}, sending))
        return pages.flatMap(({ DBClusters = [] }) => DBClusters)
      }),
    ])
    return [
      ...clusters.map((cluster) => fromCluster(cluster, instances)),
      ...instances.map(fromInstance).filter(({ cluster }) => cluster === undefined),
    ]
  }

  /** Asks AWS to start a database. */
  async start({ kind, id }: Database): Promise<void> {
    if (kind === 'instance')
      await this.call('StartDBInstance', id, rdsArn('db', id), (client, sending) =>
        client.send(new StartDBInstanceCommand({ DBInstanceIdentifier: id }), sending),
      )
    else
      await this.call('StartDBCluster', id, rdsArn('cluster', id), (client, sending) =>
        client.send(new StartDBClusterCommand({ DBClusterIdentifier: id }), sending),
      )
  }

  /** Asks AWS to stop a database. */
  async stop({ kind, id }: Database): Promise<void> {
    if (kind === 'instance')
      await this.call('StopDBInstance', id, rdsArn('db', id), (client, sending) =>
        client.send(new StopDBInstanceCommand({ DBInstanceIdentifier: id }), sending),
      )
    else
      await this.call('StopDBCluster', id, rdsArn('cluster', id), (client, sending) =>
        client.send(new StopDBClusterCommand({ DBClusterIdentifier: id }), sending),
      )
  }

  /** Sets tags of a database; others stay. */
  async tag({ id, arn }: Database, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.call('AddTagsToResource', id, arn, (client, sending) =>
      client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: toTags(tags) }), sending),
    )
  }

  /** Takes tags off a database; they may be gone already. */
  async untag({ id, arn }: Database, keys: readonly string[]): Promise<void> {
    await this.call('RemoveTagsFromResource', id, arn, (client, sending) =>
      client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: [...keys] }), sending),
    )
  }

  async #instance(id: string): Promise<Database> {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })
    const { DBInstances: [found] = [] } = await this.call('DescribeDBInstances', id, '*', (client, sending) =>
      client.send(command, sending),
    )
    if (found) return fromInstance(found)
    throw new CruddurError(`AWS has answered without the instance ${id}, and not said that there is none.`, {
      code: 'AWS_ERROR',
      hint: 'Try again; AWS_ENDPOINT_URL and proxies may be in the way.',
      details: { id, region: this.aws.region },
    })
  }

  /** `undefined` where there is none, or it may not be looked at: the instance that was not found is what counts then. */
  async #cluster(id: string, withInstances: boolean): Promise<Database | undefined> {
    const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id })
    try {
      const { DBClusters: [found] = [] } = await this.call('DescribeDBClusters', id, '*', (client, sending) =>
        client.send(command, sending),
      )
      const ofCluster = { Filters: [{ Name: 'db-cluster-id', Values: [id] }] }
      return found && fromCluster(found, withInstances ? await this.#instances(id, ofCluster) : [])
    } catch (error) {
      if (isAwsError(error, 'DBClusterNotFound') || isAwsError(error, 'AccessDenied')) return undefined
      throw error
    }
  }

  /** The instances that a request asks for, as RDS describes them. */
  #instances(resource: string, request: DescribeDBInstancesMessage): Promise<DBInstance[]> {
    return this.call('DescribeDBInstances', resource, '*', async (client, sending) => {
      const pages = await Array.fromAsync(paginateDescribeDBInstances({ client }, request, sending))
      return pages.flatMap(({ DBInstances = [] }) => DBInstances)
    })
  }

  async #notFound(id: string): Promise<never> {
    const { region, regionSource } = this.aws
    const all = await this.list().catch(() => [])
    const names = all.map((database) => database.id)
    const near = nearest(id, names)
    throw new CruddurError(`There is no RDS database "${id}" in ${region} (from ${regionSource}).`, {
      code: 'INSTANCE_NOT_FOUND',
      hint: near === undefined ? 'Is it the right region and account?' : `Did you mean "${near}"?`,
      details: { id, region, databases: names },
    })
  }
}
