import { InstanceCommand, instanceArgs, powerFlags } from '../../lib/cli/instance-command.ts'
import { describeSuspended } from '../../lib/cli/keep-text.ts'
import { startInstance, type PowerResult } from '../../lib/rds/power.ts'

export default class RdsStart extends InstanceCommand {
  static override summary = 'start an RDS instance, and wait until it is available'
  static override description =
    'From any status: one that is being stopped is waited for first, one that runs already is a success. A schedule that keeps it stopped (rds stop --keep) is switched off first. Ctrl-C ends the waiting, not the start.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --no-wait',
  ]
  static override args = instanceArgs
  static override flags = powerFlags

  async run(): Promise<PowerResult> {
    const { args, flags } = await this.parse(RdsStart)
    const result = await startInstance(await this.powerOptions(args.instance, flags))
    this.out(this.describePower(result, 'start'))
    if (result.keep) this.out(describeSuspended(result.keep, result))
    return result
  }
}
