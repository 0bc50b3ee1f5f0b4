import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { DbCommand } from '../../../lib/cli/db-command.ts'
import { confirmFlag, databaseFlags, duration, parseSessionArguments } from '../../../lib/cli/flags.ts'
import { count } from '../../../lib/cli/format.ts'
import { sessionTable } from '../../../lib/cli/session-table.ts'
import { killSessions, type KillResult } from '../../../lib/postgres/kill-sessions.ts'

export default class DbSessionsKill extends DbCommand {
  static override summary = 'end sessions: by process id, idle in a transaction, or all'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 4711 4712',
    '<%= config.bin %> <%= command.id %> prod --idle-in-transaction 10m --dry-run',
  ]
  static override strict = false
  static override args = {
    sessions: string({
      description: 'local or prod, and process ids as db sessions shows them',
      ignoreStdin: true,
    }),
  }
  static override flags = {
    ...databaseFlags,
    ...confirmFlag,
    'idle-in-transaction': duration({
      description: 'sessions idle in a transaction for so long',
      helpValue: '10m',
    }),
    all: boolean({ description: 'all sessions but our own' }),
    'dry-run': boolean({ description: 'only show which would be ended' }),
  }

  async run(): Promise<KillResult> {
    const { flags, argv } = await this.parse(DbSessionsKill)
    const { target, pids } = parseSessionArguments(argv.map(String))
    const { options } = await this.open({ flags, args: { target } }, [], { start: false })
    const result = await this.work(() =>
      killSessions({
        ...options,
        pids,
        idleInTransaction: flags['idle-in-transaction'],
        all: flags.all,
        dryRun: flags['dry-run'],
      }),
    )
    if (result.ended.length > 0)
      this.out(sessionTable(result.ended, process.stdout.isTTY ? process.stdout.columns : undefined))
    this.out(`${flags['dry-run'] ? 'Would end' : 'Ended'} ${count(result.ended.length, 'session')}.`)
    if (result.ending.length > 0) this.out(`Still ending: ${result.ending.join(', ')}.`)
    return result
  }
}
