import type { Connection } from '../postgres/connection.ts'
import { serverVersionNumber } from '../postgres/server-version.ts'

/** The number of rows at the end of a command tag; psql says 0 where there is none. */
export function rowCount(tag: string): string {
  return / (\d+)$/.exec(tag)?.[1] ?? '0'
}

type Reader = (parameters: ReadonlyMap<string, string>, target: Connection['target']) => string

/** psql's variables about the connection. */
export const SESSION_VARIABLES: Readonly<Record<string, Reader>> = {
  DBNAME: (_, target) => asBytes(target.database),
  ENCODING: (parameters) => parameters.get('client_encoding') ?? 'UTF8',
  HOST: (_, target) => asBytes(target.host),
  PORT: (_, target) => String(target.port),
  SERVER_VERSION_NAME: (parameters) => parameters.get('server_version') ?? '',
  SERVER_VERSION_NUM: (parameters) => String(serverVersionNumber(parameters)),
  USER: (_, target) => asBytes(target.user),
}

/** psql's variables about the outcome of the last statement. */
export const OUTCOME_VARIABLES = new Set([
  'ERROR',
  'LAST_ERROR_MESSAGE',
  'LAST_ERROR_SQLSTATE',
  'ROW_COUNT',
  'SQLSTATE',
])

function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
