import { DbCommand } from '../../lib/cli/db-command.ts'
import { confirmFlag, databaseArgs, databaseFlags, forceFlag } from '../../lib/cli/flags.ts'
import { count } from '../../lib/cli/format.ts'
import { dropDatabase, type DropResult } from '../../lib/postgres/drop-database.ts'

export default class DbDrop extends DbCommand {
  static override summary = 'drop the database; one that is not there is fine'
  static override description =
    'While others are connected they are named and nothing is done; --force ends them. A protected database asks for its name.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --force',
    '<%= config.bin %> <%= command.id %> prod --confirm cruddur',
  ]
  static override args = databaseArgs
  static override flags = { ...databaseFlags, ...confirmFlag, ...forceFlag }

  async run(): Promise<DropResult> {
    const input = await this.parse(DbDrop)
    const { destination, options } = await this.open(input)
    // Nobody but this project's own programs can be connected to the embedded server.
    const force = input.flags.force || destination.kind === 'embedded'
    const result = await this.work(() => dropDatabase({ ...options, force }))
    const ended = result.endedSessions > 0 ? ` and ended ${count(result.endedSessions, 'session')}` : ''
    this.out(
      result.dropped
        ? `Dropped the database "${result.database}"${ended}.`
        : `There is no database "${result.database}".`,
    )
    return result
  }
}
