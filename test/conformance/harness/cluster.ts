import { connect } from '../../../src/lib/postgres/connect.ts'
import type { Connection } from '../../../src/lib/postgres/connection.ts'
import { pipeline, query, quoteIdentifier } from '../../../src/lib/postgres/query.ts'
import { displayUrl, parseConnectionUrl, type Target } from '../../../src/lib/target/connection-url.ts'
import { digestOf, type Digest } from './digest.ts'

/** What a case can leave in a cluster. */
export interface ClusterState {
  /** Digest of each database named `conf_…`. */
  databases: Record<string, Digest>
  /** Roles named `conf_…`, with ` login` behind those that may. */
  roles: string[]
  /** `name=value` of what ALTER SYSTEM set. */
  settings: string[]
}

/** Databases (d), roles (r), settings of ALTER SYSTEM (s), and how many backends are in the databases (b). */
const LISTING = `
  select * from (select 'd', datname::text from pg_database where datname like 'conf\\_%'
  union all
  select 'r', rolname || case when rolcanlogin then ' login' else '' end from pg_roles where rolname like 'conf\\_%'
  union all
  select 's', name || '=' || setting from pg_file_settings where sourcefile like '%postgresql.auto.conf'
  union all
  select 'b', count(*)::text from pg_stat_activity where datname like 'conf\\_%') found(kind, value)
  order by kind, value collate "C"`

/** How long the sessions of a run may take to end, in milliseconds, and the pause between two looks. */
const SETTLE_TIMEOUT = 20_000
const SETTLE_PAUSE = 5

interface Listing {
  databases: string[]
  roles: string[]
  settings: string[]
  /** How many sessions there are in the databases. */
  sessions: number
}

/** A throw-away cluster: everything named `conf_…` in it belongs to the cases and is dropped. */
export class Cluster {
  readonly target: Target
  #connection: Connection | undefined
  #empty: Digest | undefined

  /** @param url of the database `postgres`, as the superuser `postgres` */
  constructor(url: string) {
    this.target = parseConnectionUrl(url)
  }

  urlOf(database: string): string {
    return `${displayUrl({ ...this.target, database })}?sslmode=disable`
  }

  /** One connection serves for all housekeeping; a script may end even that, so it is made anew when it is gone. */
  async #admin(): Promise<Connection> {
    if (!this.#connection?.alive) this.#connection = await connect(this.target)
    return this.#connection
  }

  /** As the server reports it, e.g. `17.10`. */
  async serverVersion(): Promise<string | undefined> {
    return (await this.#admin()).parameters.get('server_version')
  }

  async createDatabase(name: string): Promise<void> {
    await query(await this.#admin(), `create database ${quoteIdentifier(name)} template template0`)
  }

  async #list(): Promise<Listing> {
    const [result] = await query(await this.#admin(), LISTING)
    const values = (kind: string) =>
      (result?.rows ?? []).filter(([of]) => of === kind).map(([, value]) => value ?? '')
    return {
      databases: values('d'),
      roles: values('r'),
      settings: values('s'),
      sessions: Number(values('b')[0]),
    }
  }

  /** Lists again until every session in the cases' databases has ended. */
  async #settle(): Promise<Listing> {
    const deadline = performance.now() + SETTLE_TIMEOUT
    for (;;) {
      const listing = await this.#list()
      if (listing.sessions === 0) return listing
      if (performance.now() > deadline) throw new Error('sessions are left in the databases of the case')
      await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE))
    }
  }

  /** What there is, once all sessions of the case have ended. */
  async state(): Promise<ClusterState> {
    const listing = await this.#settle()
    const databases: Record<string, Digest> = {}
    for (const name of listing.databases) databases[name] = await digestOf(this.target, name)
    return { databases, roles: listing.roles, settings: listing.settings }
  }

  /** The state that a case without `setup.sql` starts from; the digest of a new database is taken only once. */
  async freshState(database: string): Promise<ClusterState> {
    this.#empty ??= await digestOf(this.target, database)
    return { databases: { [database]: this.#empty }, roles: [], settings: [] }
  }

  /** Drops what the cases made, and takes back what they set with ALTER SYSTEM. */
  async clean(): Promise<void> {
    const { databases, roles, settings } = await this.#list()
    const statements = [
      ...settings.map((setting) => `alter system reset ${quoteIdentifier(setting.split('=')[0] ?? '')}`),
      ...databases.map((name) => `drop database ${quoteIdentifier(name)} with (force)`),
      ...roles.map((role) => `drop role ${quoteIdentifier(role.split(' ')[0] ?? '')}`),
    ]
    if (statements.length === 0) return
    const outcomes = await pipeline(await this.#admin(), statements)
    const failed = outcomes.find((outcome) => outcome.error)
    if (failed?.error) throw new Error(`cleaning up: ${failed.error.message} (${failed.error.detail ?? ''})`)
  }

  async close(): Promise<void> {
    await this.#connection?.close()
  }
}
