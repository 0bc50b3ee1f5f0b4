import { requireProject } from '../../../lib/config/project.ts'
import { ServerCommand } from '../../../lib/cli/server-command.ts'
import type { ServerInfo } from '../../../lib/server/server-info.ts'

export default class DbServerStart extends ServerCommand {
  static override summary = "start this project's embedded Postgres; it goes on running"
  static override description =
    'Commands that need it start it by themselves. Its data, log and password are in .cruddur/ of the project.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<Omit<ServerInfo, 'password'>> {
    await this.parse(DbServerStart)
    requireProject(this.projectRoot)
    const { onProgress } = await this.progress()
    const { startServer } = await import('../../../lib/server/start.ts')
    const { password, ...server } = await startServer({
      projectRoot: this.projectRoot,
      onProgress,
      signal: this.signal,
    })
    this.redactor.add(password)
    this.out(
      `PostgreSQL ${server.version} ${server.startedNow ? 'listens' : 'was running already'} on ${server.host}:${server.port} (pid ${server.pid}).`,
    )
    return server
  }
}
