import { awsFlags } from '../../lib/cli/aws-command.ts'
import { InstanceCommand, instanceArgs } from '../../lib/cli/instance-command.ts'
import { describeInstance } from '../../lib/cli/instance-status-text.ts'
import { instanceStatus, type InstanceStatus } from '../../lib/rds/status/instance-status.ts'

export default class RdsStatus extends InstanceCommand {
  static override summary = 'show an RDS instance: its status, what it costs, and who may connect'
  static override description =
    'Costs are reckoned with the prices of us-east-1, without what depends on use; those of other regions differ.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --json',
  ]
  static override args = instanceArgs
  static override flags = awsFlags

  async run(): Promise<InstanceStatus> {
    const { args, flags } = await this.parse(RdsStatus)
    const id = await this.instanceIdOrChoice(args.instance, flags)
    const status = await instanceStatus({ aws: await this.awsSession(flags), id, signal: this.signal })
    this.out(describeInstance(status, process.stdout.isTTY ? process.stdout.columns : undefined))
    for (const warning of status.warnings) this.note(warning)
    return status
  }
}
