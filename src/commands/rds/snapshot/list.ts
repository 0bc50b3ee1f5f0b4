import { string } from '@oclif/core/args'
import { awsFlags } from '../../../lib/cli/aws-command.ts'
import { SnapshotListCommand } from '../../../lib/cli/snapshot-list-command.ts'
import type { Snapshot } from '../../../lib/rds/snapshots/snapshot.ts'

export default class RdsSnapshotList extends SnapshotListCommand {
  static override summary = 'list the RDS snapshots of the region, or those of one database, the newest first'
  static override description =
    'Those that AWS made by itself are among them (automated), and those of databases that do not exist any more.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --json',
  ]
  static override args = {
    instance: string({
      description: 'identifier of the RDS instance or Aurora cluster (default: all)',
      ignoreStdin: true,
    }),
  }
  static override flags = awsFlags

  async run(): Promise<{ snapshots: Snapshot[] }> {
    const { args, flags } = await this.parse(RdsSnapshotList)
    return this.show(args.instance, flags)
  }
}
