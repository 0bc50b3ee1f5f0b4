import type { Target } from '../target/connection-url.ts'
import { CruddurError, UsageError } from '../errors.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { connectOptions, type DatabaseVerbOptions } from './database-verb.ts'

/** Databases that belong to the server, not to anybody's application. */
const RESERVED = new Set([
  'postgres',
  'template0',
  'template1',
  'rdsadmin',
  'azure_maintenance',
  'cloudsqladmin',
])

/** Codes of refusals that another database of the server may not give. */
const TRY_NEXT = new Set(['NO_DATABASE', 'LOGIN_REFUSED', 'HBA_REFUSED'])

/**
 * Opens a session beside the target database, from where it can be created and dropped: in `postgres`, or in
 * `template1` where this user may not use `postgres`.
 * @throws {UsageError} `RESERVED_DATABASE` when the target itself is one of the server's own
 * @throws {CruddurError} those of `connect`
 */
export async function connectBeside(options: DatabaseVerbOptions): Promise<Connection> {
  const { target } = options
  if (RESERVED.has(target.database))
    throw new UsageError(`"${target.database}" belongs to the server itself and is not created or dropped.`, {
      code: 'RESERVED_DATABASE',
      hint: 'Name your own database in the connection URL.',
    })
  try {
    return await open({ ...target, database: 'postgres' }, options)
  } catch (error) {
    if (!(error instanceof CruddurError) || !TRY_NEXT.has(error.code)) throw error
    return open({ ...target, database: 'template1' }, options).catch(() => {
      throw error
    })
  }
}

async function open(target: Target, options: DatabaseVerbOptions): Promise<Connection> {
  return connect(target, connectOptions(options))
}

/** Runs `work` with a session beside the target database, which ends afterwards. */
export async function besideDatabase<T>(
  options: DatabaseVerbOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectBeside(options)
  try {
    return await work(connection)
  } finally {
    connection.leave()
  }
}
