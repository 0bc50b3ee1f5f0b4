import type { Connection } from '../../postgres/connection.ts'
import { visible } from '../visible-text.ts'
import type { PromptHandler } from './command.ts'

/** `\conninfo`: where the session is, and whether it is encrypted. */
export const connectionInfo: PromptHandler =
  async ({ context }) =>
  () => {
    const { connection } = context.session
    context.output.write(`${connectionText(connection)}\n`)
  }

/** `You are connected to database "app" as user "ada" on host "…" at port "5432", over TLS.` */
function connectionText(connection: Connection): string {
  const { host, port, user, database } = connection.target
  if (!connection.alive) return 'There is no connection just now; the next statement makes one.'
  const address = connection.remoteAddress
  const place = host.startsWith('/')
    ? `via socket in "${host}"`
    : `on host "${host}"${address && address !== host ? ` (address "${address}")` : ''}`
  return visible(
    `You are connected to database "${database}" as user "${user}" ${place} at port "${port}", ${
      connection.encrypted ? 'over TLS' : 'without TLS'
    }; the server is PostgreSQL ${connection.parameters.get('server_version') ?? ''}.`,
  )
}
