import postgres from 'postgres'
import { UsageError } from '../errors.ts'
import { parseConnectionUrl, type Target } from '../target/connection-url.ts'
import { PoolChannel } from './pool-channel.ts'

/** A value that a query parameter may have. Dates, arrays and JSON objects are translated for the server. */
export type Parameter =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly Parameter[]
  | { readonly [key: string]: unknown }

/** What queries can be sent to: the pool, or a transaction. */
export interface Queryable {
  /** The rows as objects, keyed by column. `$1`, `$2` … stand for the parameters. */
  query<T extends object = Record<string, unknown>>(
    sql: string,
    parameters?: readonly Parameter[],
  ): Promise<T[]>
  /** The rows as one JSON array, made by Postgres: `[]` when there are none. The text is passed on as it comes. */
  queryArrayJson(sql: string, parameters?: readonly Parameter[]): Promise<string>
  /** The first row as one JSON object, made by Postgres: `{}` when there is none. */
  queryObjectJson(sql: string, parameters?: readonly Parameter[]): Promise<string>
  /**
   * Runs `work` in a transaction: committed when it returns, rolled back when it throws, or when a query of its own has
   * failed. Within a transaction it is a part that is rolled back by itself, so that the rest can go on.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>
}

/** A pool of connections to one database. */
export interface Pool extends Queryable {
  /** Closes all connections; queries under way get five seconds. */
  end(): Promise<void>
}

export interface PoolOptions {
  /** How many connections at most; 10 by default. */
  max?: number | undefined
  /** Seconds after which an idle connection is closed, so that a Lambda's does not linger; 20 by default. */
  idleTimeout?: number | undefined
  /** Milliseconds to wait for a connection; 10,000 by default. */
  connectTimeout?: number | undefined
  /** `application_name`; `cruddur` by default. */
  applicationName?: string | undefined
}

/** Seconds that queries under way get when the pool is closed. */
const END_TIMEOUT = 5

/**
 * Makes a pool of connections to the database that a URL names, with TLS as the URL and the host ask for (RDS hosts are
 * verified against the bundled roots). Nothing is sent before the first query.
 * @throws {UsageError} `INVALID_URL`, `NO_DATABASE_NAME`
 */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const target = poolTarget(url)
  const timeout = options.connectTimeout ?? target.connectTimeout ?? 10_000
  const channel = new PoolChannel(target, timeout)
  const sql = postgres({
    host: target.host,
    port: target.port,
    user: target.user,
    pass: target.password ?? '',
    database: target.database,
    ssl: false,
    max: options.max ?? 10,
    idle_timeout: options.idleTimeout ?? 20,
    connect_timeout: timeout / 1000,
    connection: {
      application_name: options.applicationName ?? target.applicationName ?? 'cruddur',
      ...(target.options === undefined ? {} : { options: target.options }),
    },
    onnotice: () => undefined,
    // The driver's own TLS knows no RDS roots and no verify-ca: it gets a socket that is encrypted already.
    socket: () => channel.open(),
  } as postgres.Options<Record<string, never>>)
  return {
    ...queryable(sql, (work) => sql.begin(work) as Promise<never>, channel),
    async end() {
      await channel.settled(END_TIMEOUT)
      // Given time, the driver would wait for connections that have failed.
      await sql.end({ timeout: 0 })
    },
  }
}

function poolTarget(url: string): Target {
  const target = parseConnectionUrl(url)
  if (target.database === '')
    throw new UsageError('The connection URL names no database.', {
      code: 'NO_DATABASE_NAME',
      hint: 'Add its name behind the port: …:5432/name',
    })
  if (target.channelBinding === 'require')
    throw new UsageError(
      'The pool cannot bind SCRAM to the TLS channel, as channel_binding=require asks for.',
      {
        code: 'INVALID_URL',
        hint: 'Verify the server instead: sslmode=verify-full.',
      },
    )
  return target
}

/** The part of postgres.js that the pool and a transaction have in common. */
type Sql = Pick<postgres.Sql, 'unsafe'>

/** Runs work in a transaction (`begin`), or in a part of one that can be rolled back by itself (`savepoint`). */
type Begin = <T>(work: (sql: postgres.TransactionSql) => Promise<T>) => Promise<T>

function queryable(sql: Sql, begin: Begin, channel: PoolChannel): Queryable {
  const rows = <T extends object>(text: string, parameters: readonly Parameter[] = []): Promise<T[]> =>
    // Sent at once: the driver would begin only when somebody waits for it, which may be after `end`.
    channel.attempt(async () => (await sql.unsafe(text, parameters as never[]).execute()) as unknown as T[])
  // A common table expression, not a subquery: it may also be an INSERT … RETURNING.
  const json = async (
    text: string,
    value: string,
    parameters: readonly Parameter[] | undefined,
  ): Promise<string> => {
    const [row] = await rows<{ json: string }>(
      `WITH cruddur_rows AS (\n${inner(text)}\n) SELECT (${value})::text AS json`,
      parameters,
    )
    return row?.json ?? ''
  }
  return {
    query: rows,
    queryArrayJson: (text, parameters) =>
      json(text, "SELECT COALESCE(json_agg(row_to_json(r)), '[]') FROM cruddur_rows r", parameters),
    queryObjectJson: (text, parameters) =>
      json(text, "COALESCE((SELECT row_to_json(r) FROM cruddur_rows r LIMIT 1), '{}')", parameters),
    transaction: (work) => runTransaction(work, begin, channel),
  }
}

async function runTransaction<T>(
  work: (transaction: Queryable) => Promise<T>,
  begin: Begin,
  channel: PoolChannel,
): Promise<T> {
  let own: { error: unknown } | undefined
  const outcome = await channel.attempt(() =>
    begin(async (sql) => {
      try {
        const nested: Begin = (inside) => sql.savepoint(inside) as Promise<never>
        return { result: await work(queryable(sql, nested, channel)) }
      } catch (error) {
        own = { error }
        throw error
      }
    }).catch((error: unknown) => {
      // What the work itself threw is not ours to translate, nor a reason to do it again.
      if (own?.error === error) return { failed: error }
      throw error
    }),
  )
  if ('failed' in outcome) throw outcome.failed
  return outcome.result
}

/**
 * A query may end with a semicolon, which may not stand inside another one, nor may the comments behind it; where quotes
 * are behind it, it may be part of a text.
 */
function inner(sql: string): string {
  return sql.trim().replace(/(?:;\s*(?:--[^\n'"$*]*(?:\n\s*|$)|\/\*[^'"$*]*\*\/\s*)*)+$/, '')
}
