import { readFileSync } from 'node:fs'
import { connect } from '../../../src/lib/postgres/connect.ts'
import { query } from '../../../src/lib/postgres/query.ts'
import type { Target } from '../../../src/lib/target/connection-url.ts'

/** What a database holds, as digest.sql writes it: comparable, and small whatever the tables' size. */
export interface Digest {
  /** [kind, name, definition] of every object of the user's. */
  catalog: string[][]
  /** [kind, name, count, md5] of the contents of tables, sequences and large objects. */
  rows: string[][]
}

const DIGEST_SQL = readFileSync(new URL('../cases/digest.sql', import.meta.url), 'utf8')

/**
 * Takes the digest of a database over a session of its own.
 * @param server any database of the server, with a superuser
 */
export async function digestOf(server: Target, database: string): Promise<Digest> {
  const connection = await connect({ ...server, database })
  try {
    const results = await query(connection, DIGEST_SQL)
    const [catalog, rows] = results.filter((result) => result.columns.length > 0)
    if (!catalog || !rows) throw new Error('digest.sql gave fewer than two result sets')
    return { catalog: withoutNulls(catalog.rows), rows: withoutNulls(rows.rows) }
  } finally {
    await connection.close()
  }
}

/** The records were written as CSV, where NULL and the empty string are the same. */
function withoutNulls(rows: (string | null)[][]): string[][] {
  return rows.map((row) => row.map((value) => value ?? ''))
}
