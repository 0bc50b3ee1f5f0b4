import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import postgres from 'postgres'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres } from '../test/support/postgres-server.ts'
import { withProxy } from '../test/support/proxy.ts'

/** The tests' servers save themselves the disk; here it counts, as it does where people work. */
const DEFAULT_SETTINGS = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }

/** Where a Linux keeps files in memory, and how many bytes of room a server needs there. */
const MEMORY = '/dev/shm'
const ROOM = 4e9

/**
 * Where the server's data is: in memory where there is room. A disk takes the same from every way, but never the same
 * twice: on a shared one a run took up to three times as long as the one before.
 */
function dataFolder() {
  if (process.env.BENCH_DISK !== undefined || !existsSync(MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > ROOM ? MEMORY : tmpdir()
}

/** Every relation that somebody made, and whether it has rows of its own; a materialized view may have none yet. */
const RELATIONS = `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
  c.relkind IN ('r', 'm') AND c.relispopulated AS countable
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'v', 'i', 'S') AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'
ORDER BY 1, 2`

/** The server that all ways work on, over the same path: TCP to 127.0.0.1 without TLS, or a slow link before it. */
export class BenchServer {
  #url
  #stop
  #sql
  /** Databases that were there before, on a server that is not ours. */
  #before

  constructor(url, stop) {
    this.#url = url
    this.#stop = stop
    this.#sql = postgres(this.url('postgres'), { max: 1, onnotice: () => {} })
  }

  /** Starts a server of its own, or uses the one that BENCH_DATABASE_URL names (as a superuser of it). */
  static async open() {
    const given = process.env.BENCH_DATABASE_URL
    const own =
      given === undefined
        ? await startPostgres({ settings: DEFAULT_SETTINGS, parent: dataFolder() })
        : undefined
    const server = new BenchServer(given ?? own.url, () => own?.stop())
    server.#before = await server.#databases()
    return server
  }

  /** The URL of a database of it. */
  url(database) {
    const url = new URL(this.#url)
    url.pathname = `/${database}`
    url.searchParams.set('sslmode', 'disable')
    return url.href
  }

  /** Runs `work` with the database's URL through a link on which bytes take so many milliseconds each way. */
  overLink(database, delay, work) {
    return withProxy(this.url(database), { delay }, work)
  }

  /** Its version and what matters of its settings, in one line. */
  async describe() {
    const [row] = await this.#sql`SELECT current_setting('server_version') AS version,
      current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      current_setting('shared_buffers') AS buffers`
    const whose =
      process.env.BENCH_DATABASE_URL === undefined
        ? `the bench's own, its data in ${dataFolder()}`
        : 'of BENCH_DATABASE_URL'
    return `PostgreSQL ${row.version} (${whose}; fsync ${row.fsync}, synchronous_commit ${row.commit}, shared_buffers ${row.buffers})`
  }

  /** An empty database of that name, nobody in it, and nothing left to be written to the disk. */
  async recreate(database) {
    await this.drop(database)
    await this.#sql.unsafe(`CREATE DATABASE "${database}"`)
    await this.settle(database)
  }

  async drop(database) {
    await this.#emptied(database)
    await this.#sql.unsafe(`DROP DATABASE IF EXISTS "${database}"`)
  }

  /** Waits until nobody is in the database, then writes out what the last run left to be written. */
  async settle(database) {
    await this.#emptied(database)
    await this.#sql`CHECKPOINT`
  }

  /** A session goes on for a moment when its client has left, and a DROP that meets it waits for a tenth of a second. */
  async #emptied(database) {
    const sessions = () => this.#sql`SELECT FROM pg_stat_activity WHERE datname = ${database}`
    while ((await sessions()).length > 0) await pause(5)
  }

  /**
   * What there is in a database: each index, sequence and view, and each table with its number of rows.
   * @param {string} database
   * @param {Record<string, number>} [expected] what must be among it, e.g. `{ 'public.t': 200000 }`
   * @throws {Error} when it is not
   */
  async contents(database, expected = {}) {
    const sql = postgres(this.url(database), { max: 1 })
    const found = {}
    for (const { schema, name, kind, countable } of await sql.unsafe(RELATIONS)) {
      const rows = countable && (await sql`SELECT count(*) AS rows FROM ${sql(schema)}.${sql(name)}`)
      found[`${schema}.${name}`] = rows ? Number(rows[0].rows) : kind
    }
    await sql.end()
    for (const [name, rows] of Object.entries(expected))
      if (found[name] !== rows) throw new Error(`${name} has ${found[name]} rows, not ${rows}`)
    return found
  }

  async #databases() {
    return (await this.#sql`SELECT datname AS name FROM pg_database`).map(({ name }) => name)
  }

  /** Leaves a server that is not ours as it was: without the copies that `db setup` keeps. */
  async close() {
    const made = (await this.#databases()).filter(
      (name) => !this.#before.includes(name) && name.startsWith('cruddur_cache_'),
    )
    for (const name of made) {
      await this.#sql.unsafe(`ALTER DATABASE "${name}" WITH IS_TEMPLATE false`)
      await this.drop(name)
    }
    await this.#sql.end()
    await this.#stop()
  }
}
