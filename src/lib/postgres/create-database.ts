import { MARK_NAME, PRODUCTION_MARK } from '../target/guard.ts'
import type { Connection } from './connection.ts'
import { readFacts, type DatabaseFacts } from './database-facts.ts'
import type { DatabaseVerbOptions } from './database-verb.ts'
import { besideDatabase } from './maintenance.ts'
import { pipeline, quoteIdentifier, quoteLiteral, type QueryOutcome } from './query.ts'
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

/** Whether CREATE DATABASE failed because there is one of that name. */
export function alreadyThere(outcome: QueryOutcome | undefined): boolean {
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

/**
 * Sets the mark of production: a setting of the database. A setting that the server does not know is for superusers
 * only, and on RDS nobody is one: there it becomes a line of the database's comment, which its owner may write. A
 * database that bears it already is left as it is.
 */
export function markStatement(database: string): string {
  const name = quoteIdentifier(database)
  const body = `DECLARE
  comment text := (SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database WHERE datname = ${quoteLiteral(database)});
  marked text := pg_catalog.concat_ws(E'\\n', comment, '${MARK_NAME} = ${PRODUCTION_MARK}');
BEGIN
  ALTER DATABASE ${name} SET ${MARK_NAME} = '${PRODUCTION_MARK}';
EXCEPTION WHEN insufficient_privilege THEN
  IF pg_catalog.strpos(pg_catalog.concat(E'\\n', comment, E'\\n'), E'\\n${MARK_NAME} = ${PRODUCTION_MARK}\\n') = 0 THEN
    EXECUTE pg_catalog.format('COMMENT ON DATABASE %I IS %L', ${quoteLiteral(database)}, marked);
  END IF;
END`
  return `DO LANGUAGE plpgsql ${quoteLiteral(body)}`
}
