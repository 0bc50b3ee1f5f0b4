import postgres from 'postgres'
import { homedir } from 'node:os'
import { UsageError } from '../errors.ts'
import { parseConnectionUrl, type Target } from '../target/connection-url.ts'
import { machineTlsSources } from './connect.ts'
import { startupError } from './connection-errors.ts'
import { ServerError, type ServerMessage } from './server-message.ts'
import { openSocket } from './socket.ts'
import { planTls } from './tls.ts'

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
}

/** A pool of connections to one database. */
export interface Pool extends Queryable {
  /** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>
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
  const target = parseConnectionUrl(url)
  if (target.database === '')
    throw new UsageError('The connection URL names no database.', {
      code: 'NO_DATABASE_NAME',
      hint: 'Add its name behind the port: …:5432/name',
    })
  const timeout = options.connectTimeout ?? target.connectTimeout ?? 10_000
  const sources = machineTlsSources(homedir())
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
    connection: { application_name: options.applicationName ?? target.applicationName ?? 'cruddur' },
    onnotice: () => undefined,
    // The driver's own TLS knows no RDS roots and no verify-ca: it gets a socket that is encrypted already.
    socket: async () => {
      const plan = await planTls(target, sources)
      const { stream } = await openSocket(target, {
        encrypt: plan.mode !== 'disable' && plan.mode !== 'allow',
        plan,
        sources,
        timeout,
        signal: undefined,
      })
      return stream
    },
  } as postgres.Options<Record<string, never>>)
  const translate = errorTranslator(target)
  return {
    ...queryable(sql, translate),
    transaction: (work) =>
      sql.begin((transaction) => work(queryable(transaction, translate))).catch(translate) as ReturnType<
        typeof work
      >,
    end: () => sql.end({ timeout: END_TIMEOUT }),
  }
}

/** Turns the driver's errors into ours; throws in any case. */
function errorTranslator(target: Target): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof postgres.PostgresError)) throw error
    const { code, severity, message, detail, hint, position, where } = error
    const facts: ServerMessage = {
      severity,
      sqlstate: code,
      message,
      ...(detail ? { detail } : {}),
      ...(hint ? { hint } : {}),
      ...(position ? { position: Number(position) } : {}),
      ...(where ? { where } : {}),
    }
    throw severity === 'FATAL'
      ? startupError(facts, target, target.sslMode !== 'disable')
      : new ServerError(facts)
  }
}

/** The part of postgres.js that the pool and a transaction have in common. */
type Sql = Pick<postgres.Sql, 'unsafe'>

function queryable(sql: Sql, translate: (error: unknown) => never): Queryable {
  const rows = async <T extends object>(
    text: string,
    parameters: readonly Parameter[] = [],
  ): Promise<T[]> => {
    try {
      return (await sql.unsafe(text, parameters as never[])) as unknown as T[]
    } catch (error) {
      return translate(error)
    }
  }
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
  }
}

/** A query may end with a semicolon, which may not stand inside another one. */
function inner(sql: string): string {
  return sql.trim().replace(/;+$/, '')
}
