import { InstanceCommand, instanceArgs, powerFlags } from '../../lib/cli/instance-command.ts'
import { stopInstance, type PowerResult } from '../../lib/rds/power.ts'

export default class RdsStop extends InstanceCommand {
  static override summary = 'stop an RDS instance to save money, and wait until it is stopped'
  static override description =
    'From any status: work that is going on, such as a backup, is waited for first; one that is stopped already is a success. A stopped instance costs its storage only; AWS starts it again after seven days.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --no-wait',
  ]
  static override args = instanceArgs
  static override flags = powerFlags

  async run(): Promise<PowerResult> {
    const { args, flags } = await this.parse(RdsStop)
    const result = await stopInstance(await this.powerOptions(args.instance, flags))
    this.out(this.describePower(result, 'stop'))
    if (result.restartsAt)
      this.out(
        `AWS will start it by itself on ${result.restartsAt.toISOString()}: an instance stays stopped for seven days at most.`,
      )
    return result
  }
}
