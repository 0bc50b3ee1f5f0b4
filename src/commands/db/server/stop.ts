import { ServerCommand } from '../../../lib/cli/server-command.ts'
import type { StopServerResult } from '../../../lib/server/stop.ts'

export default class DbServerStop extends ServerCommand {
  static override summary = "stop this project's embedded Postgres"
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<StopServerResult> {
    await this.parse(DbServerStop)
    const { onProgress } = await this.progress()
    const { stopServer } = await import('../../../lib/server/stop.ts')
    const result = await stopServer({ projectRoot: this.projectRoot, onProgress, signal: this.signal })
    this.out(result.wasRunning ? `Stopped the server (pid ${result.pid}).` : 'The server was not running.')
    return result
  }
}
