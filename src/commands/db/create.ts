import { DbCommand } from '../../lib/cli/db-command.ts'
import { databaseArgs, databaseFlags } from '../../lib/cli/flags.ts'
import { createDatabase, type CreateResult } from '../../lib/postgres/create-database.ts'

export default class DbCreate extends DbCommand {
  static override summary = 'create the database; one that is there is left as it is'
  static override description =
    'The name comes from the connection URL. With prod, the database gets the mark cruddur.environment = production.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod',
  ]
  static override args = databaseArgs
  static override flags = databaseFlags

  async run(): Promise<CreateResult> {
    const { destination, options } = await this.open(await this.parse(DbCreate))
    const result = await this.work(() =>
      createDatabase({ ...options, production: destination.kind === 'prod' }),
    )
    this.out(
      `${result.created ? 'Created' : 'There is already'} the database "${result.database}"${result.production ? ', marked as production' : ''}.`,
    )
    return result
  }
}
