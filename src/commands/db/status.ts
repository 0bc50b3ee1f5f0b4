import { DbCommand } from '../../lib/cli/db-command.ts'
import { databaseArgs, databaseFlags } from '../../lib/cli/flags.ts'
import { describeStatus } from '../../lib/cli/status-text.ts'
import { databaseStatus, type DatabaseStatus } from '../../lib/postgres/status.ts'

export default class DbStatus extends DbCommand {
  static override summary = 'show the server, the database, its size, its schema and who is connected'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod --json',
  ]
  static override args = databaseArgs
  static override flags = databaseFlags

  async run(): Promise<DatabaseStatus & { source: string }> {
    const input = await this.parse(DbStatus)
    const { options, destination } = await this.open(input, [], { start: false })
    const status = await this.work(() => databaseStatus(options))
    const source =
      destination.kind === 'embedded' ? 'the embedded server of this project' : destination.source
    this.out(describeStatus(status, source))
    return { source, ...status }
  }
}
