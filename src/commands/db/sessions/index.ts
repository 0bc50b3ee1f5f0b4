import { DbCommand } from '../../../lib/cli/db-command.ts'
import { databaseArgs, databaseFlags } from '../../../lib/cli/flags.ts'
import { sessionTable } from '../../../lib/cli/session-table.ts'
import { listSessions, type Session } from '../../../lib/postgres/sessions.ts'

export default class DbSessions extends DbCommand {
  static override summary = 'list who is connected, who waits for what, and who blocks whom'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> prod --json',
  ]
  static override args = databaseArgs
  static override flags = databaseFlags

  async run(): Promise<{ database: string; sessions: Session[] }> {
    const { options } = await this.open(await this.parse(DbSessions), [], { start: false })
    const sessions = await this.work(() => listSessions(options))
    const { database } = options.target
    this.out(
      sessions.length === 0
        ? `Nobody is connected to "${database}".`
        : sessionTable(sessions, process.stdout.isTTY ? process.stdout.columns : undefined),
    )
    return { database, sessions }
  }
}
