import { formatBytes } from '../../../lib/cli/format.ts'
import { ServerCommand } from '../../../lib/cli/server-command.ts'
import { formatDuration } from '../../../lib/duration.ts'
import type { ServerStatus } from '../../../lib/server/status.ts'

export default class DbServerStatus extends ServerCommand {
  static override summary = "show whether this project's embedded Postgres runs, and where its data is"
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<ServerStatus> {
    await this.parse(DbServerStatus)
    const { serverStatus } = await import('../../../lib/server/status.ts')
    const status = await serverStatus({ projectRoot: this.projectRoot })
    this.out(describe(status))
    return status
  }
}

function describe(status: ServerStatus): string {
  if (status.state === 'absent') return 'There is no embedded server here yet; cruddur db setup makes one.'
  const lines = [
    status.state === 'running'
      ? `running   PostgreSQL ${status.version} on port ${status.port}, pid ${status.pid}, for ${formatDuration(Date.now() - status.since.getTime())}${status.ready ? '' : ', not ready yet'}`
      : `stopped   PostgreSQL ${status.version}`,
    `data      ${status.dataDirectory} (${formatBytes(status.dataBytes)})`,
    `log       ${status.logFile}`,
  ]
  return lines.join('\n')
}
