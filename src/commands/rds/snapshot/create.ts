import { string } from '@oclif/core/flags'
import { InstanceCommand, instanceArgs, powerFlags } from '../../../lib/cli/instance-command.ts'
import { createSnapshot, type CreateSnapshotResult } from '../../../lib/rds/snapshots/create-snapshot.ts'

export default class RdsSnapshotCreate extends InstanceCommand {
  static override summary =
    'take a snapshot of an RDS instance or an Aurora cluster, and wait until it can be used'
  static override description =
    'It remembers the security groups, the subnet group and the parameter group, so that rds restore can give them back. Work that is going on is waited for first. Run again with the same --name, it waits for that snapshot. Ctrl-C ends the waiting, not the snapshot.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --name before-migration',
  ]
  static override args = instanceArgs
  static override flags = {
    ...powerFlags,
    name: string({
      description: 'the name of the snapshot (default: the identifier and the time)',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<CreateSnapshotResult> {
    const { args, flags } = await this.parse(RdsSnapshotCreate)
    const result = await createSnapshot({
      ...(await this.powerOptions(args.instance, flags)),
      name: flags.name,
    })
    this.out(describe(result))
    return result
  }
}

function describe({ id, snapshot, status, changed, dryRun }: CreateSnapshotResult): string {
  if (dryRun && changed) return `Would take the snapshot ${snapshot} of ${id}.`
  if (dryRun) return `Nothing to do: the snapshot ${snapshot} of ${id} is ${status}.`
  return changed
    ? `The snapshot ${snapshot} of ${id} is ${status}.`
    : `The snapshot ${snapshot} of ${id} was there already; it is ${status}.`
}
