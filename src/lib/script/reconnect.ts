import { CruddurError } from '../errors.ts'
import { connect } from '../postgres/connect.ts'
import type { Connection } from '../postgres/connection.ts'
import { readFacts } from '../postgres/database-facts.ts'
import { connectOptions, guard, type DatabaseVerbOptions } from '../postgres/database-verb.ts'
import { CommandError } from './commands/command.ts'
import { ScriptFailure } from './script-failure.ts'
import type { ConnectRequest } from './session.ts'
import type { Statement } from './statement.ts'

/**
 * Opens the connections that a script asks for with `\connect`: to another database of the same server, or as another
 * user. Another server is refused, and a database that is protected needs to be confirmed by its own name.
 */
export function reconnector(
  options: DatabaseVerbOptions,
): (request: ConnectRequest, current: Connection, statement: Statement) => Promise<Connection> {
  return async (request, current, statement) => {
    const { target } = current
    const position = { frame: statement.frame, offset: statement.offset }
    if (
      (request.host !== undefined && request.host !== target.host) ||
      (request.port !== undefined && Number(request.port) !== target.port)
    )
      throw new ScriptFailure('\\connect to another server is not supported', {
        kind: 'refused',
        code: 'OTHER_SERVER',
        hint: 'Load the part for the other server by itself, with --url.',
        position,
      })
    const next = {
      ...target,
      database: request.database ?? target.database,
      user: request.user ?? target.user,
    }
    const connection = await open(next, options)
    try {
      await guard('connect to', connection, await readFacts(connection, next.database), {
        ...options,
        target: next,
        // What was confirmed or protected is the database that was asked for.
        ...(next.database === options.target.database ? {} : { protectedBecause: undefined }),
        ...(next.database === options.target.database ? { confirm: next.database } : {}),
      })
      return connection
    } catch (error) {
      await connection.close()
      throw error
    }
  }
}

async function open(target: Connection['target'], options: DatabaseVerbOptions): Promise<Connection> {
  try {
    return await connect(target, connectOptions(options))
  } catch (error) {
    if (error instanceof CruddurError && error.code !== 'INTERRUPTED')
      throw new CommandError(Buffer.from(`\\connect: ${error.message}`).toString('latin1'))
    throw error
  }
}
