import { awsFlags } from '../../../lib/cli/aws-command.ts'
import { SnapshotListCommand } from '../../../lib/cli/snapshot-list-command.ts'
import type { Snapshot } from '../../../lib/rds/snapshots/snapshot.ts'

export default class RdsSnapshot extends SnapshotListCommand {
  static override summary = 'list the RDS snapshots of the region, as rds snapshot list does'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = awsFlags

  async run(): Promise<{ snapshots: Snapshot[] }> {
    const { flags } = await this.parse(RdsSnapshot)
    return this.show(undefined, flags)
  }
}
