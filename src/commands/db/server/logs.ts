import { boolean, integer } from '@oclif/core/flags'
import { followFile } from '../../../lib/cli/follow-file.ts'
import { printable } from '../../../lib/cli/format.ts'
import { ServerCommand } from '../../../lib/cli/server-command.ts'
import type { ServerLog } from '../../../lib/server/log.ts'

export default class DbServerLogs extends ServerCommand {
  static override summary = "show the end of the embedded Postgres' log"
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --follow',
  ]
  static override flags = {
    lines: integer({ char: 'n', description: 'how many lines', default: 50, min: 1 }),
    follow: boolean({ char: 'f', description: 'go on as lines are added, until Ctrl-C' }),
  }

  async run(): Promise<ServerLog> {
    const { flags } = await this.parse(DbServerLogs)
    const { serverLog } = await import('../../../lib/server/log.ts')
    const log = await serverLog({ projectRoot: this.projectRoot, lines: flags.lines })
    if (log.path === undefined) this.out('There is no embedded server here yet; cruddur db setup makes one.')
    for (const line of log.lines) this.out(printable(line))
    if (flags.follow && log.path !== undefined && !this.jsonEnabled())
      await followFile(log.path, (line) => this.out(printable(line)), this.signal)
    return log
  }
}
