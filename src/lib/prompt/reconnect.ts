import { CruddurError } from '../errors.ts'
import { connect, type ConnectOptions } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { CommandError } from '../script/commands/command.ts'
import type { ConnectRequest } from '../script/session.ts'
import type { Target } from '../target/connection-url.ts'

/**
 * Opens the connection that `\c` asks for: to another database of the same server, or as another user, who is not
 * given the present one's password.
 * @throws {CommandError} in psql's words, when the present connection stays
 */
export async function reconnect(
  request: ConnectRequest,
  current: Connection,
  options: ConnectOptions,
): Promise<Connection> {
  const { target } = current
  if (
    (request.host !== undefined && request.host !== target.host) ||
    (request.port !== undefined && Number(request.port) !== target.port)
  )
    throw new CommandError(
      '\\connect: another server needs a prompt of its own: leave, and name it with --url',
    )
  const user = request.user ?? target.user
  const next: Target = {
    ...target,
    database: request.database ?? target.database,
    user,
    password: user === target.user ? target.password : undefined,
  }
  try {
    return await connect(next, options)
  } catch (error) {
    if (!(error instanceof CruddurError) || error.code === 'INTERRUPTED') throw error
    const kept = current.alive ? ' The previous connection is kept.' : ''
    throw new CommandError(Buffer.from(`\\connect: ${error.message}${kept}`).toString('latin1'))
  }
}
