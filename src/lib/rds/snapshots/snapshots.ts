import {
  CreateDBClusterSnapshotCommand,
  CreateDBSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  paginateDescribeDBClusterSnapshots,
  paginateDescribeDBSnapshots,
  RDSClient,
} from '@aws-sdk/client-rds'
import { isAwsError } from '../../aws/errors.ts'
import { ServiceClient } from '../../aws/service-client.ts'
import type { AwsSession } from '../../aws/session.ts'
import { toTags } from '../../aws/tags.ts'
import { CruddurError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import type { Database, DatabaseKind } from '../database.ts'
import { rdsArn } from '../rds-arn.ts'
import { fromClusterSnapshot, fromInstanceSnapshot, type Snapshot } from './snapshot.ts'

/** The snapshots of a region. Loads the SDK: to be imported when it is needed. */
export class Snapshots extends ServiceClient<RDSClient> {
  constructor(aws: AwsSession, signal?: AbortSignal) {
    super('rds', new RDSClient(aws.clientOptions), aws, signal)
  }

  /**
   * A snapshot by its name: of an instance, else of a cluster.
   * @throws {CruddurError} `SNAPSHOT_NOT_FOUND`, with the near one
   */
  async find(name: string): Promise<Snapshot> {
    return (
      (await this.seek('instance', name)) ??
      (await this.seek('cluster', name)) ??
      (await this.#notFound(name))
    )
  }

  /** A snapshot of one kind of database, where it may well be that there is none. */
  async seek(kind: DatabaseKind, name: string): Promise<Snapshot | undefined> {
    try {
      return await (kind === 'instance' ? this.#ofInstance(name) : this.#ofCluster(name))
    } catch (error) {
      if (isAwsError(error, 'DBSnapshotNotFound') || isAwsError(error, 'DBClusterSnapshotNotFound'))
        return undefined
      throw error
    }
  }

  /**
   * All snapshots of the region, or those of one database, whether that exists or not; those that are being
   * made first, then the newest.
   */
  async list(databaseId?: string): Promise<Snapshot[]> {
    const about = databaseId ?? '*'
    const [ofInstances, ofClusters] = await Promise.all([
      this.call('DescribeDBSnapshots', about, '*', async (client, sending) => {
        const input = databaseId === undefined ? {} : { DBInstanceIdentifier: databaseId }
        const pages = await Array.fromAsync(paginateDescribeDBSnapshots({ client }, input, sending))
        return pages.flatMap(({ DBSnapshots = [] }) => DBSnapshots.map(fromInstanceSnapshot))
      }),
      this.call('DescribeDBClusterSnapshots', about, '*', async (client, sending) => {
        const input = databaseId === undefined ? {} : { DBClusterIdentifier: databaseId }
        const pages = await Array.fromAsync(paginateDescribeDBClusterSnapshots({ client }, input, sending))
        return pages.flatMap(({ DBClusterSnapshots = [] }) => DBClusterSnapshots.map(fromClusterSnapshot))
      }),
    ])
    // The difference of two infinities is no number.
    return [...ofInstances, ...ofClusters].toSorted((one, other) => time(other) - time(one) || 0)
  }

  /** Asks AWS to take a snapshot; tags that are given are all that it gets. */
  async create(
    { kind, id }: Database,
    name: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<Snapshot> {
    const Tags = toTags(tags)
    if (kind === 'instance') {
      const resources = [rdsArn('db', id), rdsArn('snapshot', name)]
      const command = new CreateDBSnapshotCommand({
        DBInstanceIdentifier: id,
        DBSnapshotIdentifier: name,
        Tags,
      })
      const { DBSnapshot = {} } = await this.call('CreateDBSnapshot', name, resources, (client, sending) =>
        client.send(command, sending),
      )
      return fromInstanceSnapshot(DBSnapshot)
    }
    const resources = [rdsArn('cluster', id), rdsArn('cluster-snapshot', name)]
    const command = new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: id,
      DBClusterSnapshotIdentifier: name,
      Tags,
    })
    const { DBClusterSnapshot = {} } = await this.call(
      'CreateDBClusterSnapshot',
      name,
      resources,
      (client, sending) => client.send(command, sending),
    )
    return fromClusterSnapshot(DBClusterSnapshot)
  }

  async #ofInstance(name: string): Promise<Snapshot | undefined> {
    const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: name })
    const { DBSnapshots: [found] = [] } = await this.call(
      'DescribeDBSnapshots',
      name,
      '*',
      (client, sending) => client.send(command, sending),
    )
    return found && fromInstanceSnapshot(found)
  }

  async #ofCluster(name: string): Promise<Snapshot | undefined> {
    const command = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name })
    const { DBClusterSnapshots: [found] = [] } = await this.call(
      'DescribeDBClusterSnapshots',
      name,
      '*',
      (client, sending) => client.send(command, sending),
    )
    return found && fromClusterSnapshot(found)
  }

  async #notFound(name: string): Promise<never> {
    const { region, regionSource } = this.aws
    const all = await this.list().catch(() => [])
    const near = nearest(
      name,
      all.map((snapshot) => snapshot.name),
    )
    throw new CruddurError(`There is no RDS snapshot "${name}" in ${region} (from ${regionSource}).`, {
      code: 'SNAPSHOT_NOT_FOUND',
      hint:
        near === undefined
          ? 'Is it the right region and account? cruddur rds snapshot list shows those there are.'
          : `Did you mean "${near}"?`,
      details: { name, region },
    })
  }
}

function time({ createdAt }: Snapshot): number {
  return createdAt?.getTime() ?? Infinity
}
