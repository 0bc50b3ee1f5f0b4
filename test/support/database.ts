import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import { query, queryRows, quoteIdentifier, quoteLiteral } from '../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'

/** First version with DROP DATABASE … WITH (FORCE), as `server_version_num` counts. */
const FORCE_SINCE = 130_000

/** A database of one test. */
export interface TestDatabase {
  name: string
  url: string
  drop(): Promise<void>
}

/** Runs SQL in a session of its own and returns the last statement's rows as objects. */
export async function runSql(url: string, sql: string): Promise<Record<string, string | null>[]> {
  const connection = await connect(parseConnectionUrl(url))
  try {
    return await queryRows(connection, sql)
  } finally {
    await connection.close()
  }
}

/** The URL with another database in it. */
export function urlOfDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const connection = await connect(parseConnectionUrl(serverUrl))
  try {
    const [row] = await queryRows(connection, 'SHOW server_version_num')
    if (Number(row?.['server_version_num']) >= FORCE_SINCE) {
      await query(connection, `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
      return
    }
    const others = `FROM pg_stat_activity WHERE datname = ${quoteLiteral(name)}`
    await query(connection, `SELECT pg_terminate_backend(pid) ${others}`)
    await query(connection, `DROP DATABASE IF EXISTS ${quoteIdentifier(name)}`)
  } finally {
    await connection.close()
  }
}

/**
 * Creates an empty database with a random name on the server of this run (or on another one).
 * @param serverUrl of a database from which others can be created
 */
export async function createDatabase(serverUrl: string = inject('serverUrl')): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await runSql(serverUrl, `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`)
  return { name, url: urlOfDatabase(serverUrl, name), drop: () => dropDatabase(serverUrl, name) }
}

/** Runs the work with an empty database of its own and drops it afterwards. */
export async function withDatabase<T>(
  work: (url: string) => Promise<T>,
  serverUrl: string = inject('serverUrl'),
): Promise<T> {
  const database = await createDatabase(serverUrl)
  try {
    return await work(database.url)
  } finally {
    await database.drop()
  }
}
