import { MARK_NAME, PRODUCTION_MARK } from '../target/guard.ts'
import type { Connection } from './connection.ts'
import { readFacts, type DatabaseFacts } from './database-facts.ts'
import type { DatabaseVerbOptions } from './database-verb.ts'
import { besideDatabase } from './maintenance.ts'
import { pipeline, quoteIdentifier, type QueryOutcome } from './query.ts'
import { sqlError } from './sql-errors.ts'

export interface CreateOptions extends DatabaseVerbOptions {
  /** Whether the database is to bear the mark `cruddur.environment = production`. */
  production?: boolean | undefined
}

export interface CreateResult {
  database: string
  /** False if it was there already. */
  created: boolean
  /** Whether it bears the mark of production now. */
  production: boolean
}

/** SQLSTATEs of CREATE DATABASE when another session was faster: duplicate_database, and a race on its unique index. */
const EXISTS = new Set(['42P04', '23505'])

/**
 * Creates the target database, in UTF-8; one that exists already is left as it is. With `production` it gets the mark,
 * also if it was there.
 * @throws {CruddurError} `PERMISSION_DENIED`, `DISK_FULL`, `DATABASE_IN_USE` (the template), `SQL_ERROR`, and those of `connect`
 */
export async function createDatabase(options: CreateOptions): Promise<CreateResult> {
  const { database } = options.target
  return besideDatabase(options, async (connection) => {
    const facts = await readFacts(connection, database)
    const production = (options.production ?? false) || facts.production
    const statements = [
      ...(facts.oid === undefined ? [createStatement(database, facts, connection)] : []),
      ...(production && !facts.production ? [markStatement(database)] : []),
    ]
    if (statements.length === 0) return { database, created: false, production }
    const outcomes = await pipeline(connection, statements)
    const created = facts.oid === undefined && !alreadyThere(outcomes[0])
    for (const outcome of outcomes)
      if (outcome.error && !alreadyThere(outcome))
        throw sqlError(outcome.error, `create the database "${database}"`)
    return { database, created, production }
  })
}

function alreadyThere(outcome: QueryOutcome | undefined): boolean {
  return outcome?.error !== undefined && EXISTS.has(outcome.error.sqlstate)
}

/**
 * CREATE DATABASE as a copy of `template1`, as createdb does; where that is not in UTF-8, or is the database that this
 * very session is in, of `template0`, which may be copied into another encoding.
 */
export function createStatement(
  database: string,
  facts: Pick<DatabaseFacts, 'templateEncoding'>,
  connection: Connection,
): string {
  const plain = facts.templateEncoding === 'UTF8' && connection.target.database !== 'template1'
  return `CREATE DATABASE ${quoteIdentifier(database)}${plain ? '' : " ENCODING 'UTF8' TEMPLATE template0"}`
}

/** Sets the mark of production. */
export function markStatement(database: string): string {
  return `ALTER DATABASE ${quoteIdentifier(database)} SET ${MARK_NAME} = '${PRODUCTION_MARK}'`
}
