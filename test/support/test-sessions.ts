import { expect } from 'vitest'
import { connect } from '../../src/lib/postgres/connect.ts'
import type { Connection } from '../../src/lib/postgres/connection.ts'
import { query, send } from '../../src/lib/postgres/query.ts'
import { parseConnectionUrl } from '../../src/lib/target/connection-url.ts'
import { runSql } from './database.ts'

/** Sessions with a database that do or hold something while a test looks at them. */
export class TestSessions {
  readonly #url: string
  readonly #open: Connection[] = []

  constructor(url: string) {
    this.#url = url
  }

  /** A session that has run the SQL and idles. */
  async open(sql: string): Promise<Connection> {
    const connection = await connect(parseConnectionUrl(this.#url))
    this.#open.push(connection)
    await query(connection, sql)
    return connection
  }

  /**
   * A session that is busy with the SQL; whether it succeeds does not matter.
   * @param first what it has run before
   */
  async start(sql: string, first = ''): Promise<Connection> {
    const connection = await this.open(first)
    void send(connection, sql).catch(() => undefined)
    return connection
  }

  /** Has the server end all of them, and waits until they are gone. */
  async end(): Promise<void> {
    const pids = this.#open.splice(0).map(({ processId }) => processId)
    const present = `FROM pg_stat_activity WHERE pid IN (${pids.join()})`
    if (pids.length === 0) return
    await runSql(this.#url, `SELECT pg_terminate_backend(pid) ${present}`)
    await expect.poll(() => runSql(this.#url, `SELECT pid ${present}`), { timeout: 30_000 }).toEqual([])
  }
}
