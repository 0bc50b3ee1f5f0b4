import type { Connection } from '../postgres/connection.ts'
import { serverVersionNumber } from '../postgres/server-version.ts'

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

function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
