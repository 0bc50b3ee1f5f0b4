import { boolean } from '@oclif/core/flags'
import { InstanceCommand, instanceArgs, powerFlags } from '../../lib/cli/instance-command.ts'
import { describeKeep } from '../../lib/cli/keep-text.ts'
import { stopInstance, type PowerResult } from '../../lib/rds/power.ts'

export default class RdsStop extends InstanceCommand {
  static override summary = 'stop an RDS instance to save money, and wait until it is stopped'
  static override description =
    'From any status: work that is going on, such as a backup, is waited for first; one that is stopped already is a success. A stopped instance costs its storage only; AWS starts it again after seven days, unless --keep makes a schedule that stops it again within the hour (EventBridge Scheduler, with a role that may do nothing else). rds start switches that schedule off.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --no-wait',
    '<%= config.bin %> <%= command.id %> --keep',
  ]
  static override args = instanceArgs
  static override flags = {
    ...powerFlags,
    keep: boolean({
      description: 'keep it stopped past seven days; --no-keep removes the schedule',
      allowNo: true,
    }),
  }

  async run(): Promise<PowerResult> {
    const { args, flags } = await this.parse(RdsStop)
    const options = await this.powerOptions(args.instance, flags)
    const result = await stopInstance({ ...options, keep: flags.keep })
    this.out(this.describePower(result, 'stop'))
    for (const line of describeKeep(result)) this.out(line)
    return result
  }
}
