import { string as stringArg } from '@oclif/core/args'
import { CreateCommand } from '../../lib/cli/create-command.ts'
import { createFlags } from '../../lib/cli/create-flags.ts'
import { describeCreation } from '../../lib/cli/create-text.ts'
import { createInstance, type CreateResult } from '../../lib/rds/create/create.ts'

export default class RdsCreate extends CreateCommand {
  static override summary =
    'make an RDS instance with Postgres, or an Aurora cluster, and put its connection URL into .env'
  static override description =
    'Everything is checked before AWS is asked, and the plan and its monthly cost are shown before anything is made. An instance that is there already is a success; one that is still being made is waited for, so the same command takes up again what was interrupted.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> cruddur-db --prod --engine-version 18 --yes',
    '<%= config.bin %> <%= command.id %> --password managed --dry-run',
    '<%= config.bin %> <%= command.id %> --aurora --min-acu 0 --max-acu 4',
  ]
  static override args = {
    identifier: stringArg({
      description: 'identifier of the instance or cluster (default: named after the project)',
      ignoreStdin: true,
    }),
  }
  static override flags = createFlags

  async run(): Promise<CreateResult> {
    const { args, flags } = await this.parse(RdsCreate)
    const result = await createInstance(await this.createOptions(args.identifier, flags))
    for (const line of describeCreation(result)) this.out(line)
    return result
  }
}
