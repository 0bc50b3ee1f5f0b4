import { listSnapshots } from '../rds/snapshots/list-snapshots.ts'
import type { Snapshot } from '../rds/snapshots/snapshot.ts'
import { InstanceCommand } from './instance-command.ts'
import { snapshotTable } from './snapshot-table.ts'

/** What `rds snapshot list` and `rds snapshot` share. */
export abstract class SnapshotListCommand extends InstanceCommand {
  /** Shows the snapshots of a database, or of the region. */
  protected async show(
    named: string | undefined,
    flags: { profile?: string | undefined; region?: string | undefined },
  ): Promise<{ snapshots: Snapshot[] }> {
    const id = named === undefined ? undefined : this.instanceId(named)
    const aws = await this.awsSession(flags)
    const snapshots = await listSnapshots({ aws, id, signal: this.signal })
    this.out(
      snapshots.length === 0
        ? `There are no snapshots${id === undefined ? '' : ` of ${id}`} in ${aws.region}.`
        : snapshotTable(snapshots, process.stdout.isTTY ? process.stdout.columns : undefined),
    )
    return { snapshots }
  }
}
