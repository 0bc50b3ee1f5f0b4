import type { Endpoint } from '../../ingress/probe.ts'
import { databaseOfHost, isClusterHost } from '../../target/rds-host.ts'
import type { MeantDatabase } from '../database-for-rule.ts'

/**
 * Which database a rule is for, and where that listens: the one that is named, else that of the connection URL.
 * @param url where the URL leads, if there is one
 */
export function meantByUrl(
  named: string | undefined,
  url: Endpoint | undefined,
): { database: MeantDatabase | undefined; endpoint: Endpoint | undefined } {
  const id = url && databaseOfHost(url.host)
  const kind = url && isClusterHost(url.host) ? 'cluster' : undefined
  // Of another database than that of the URL nothing more is known.
  if (named !== undefined && named !== id)
    return { database: { id: named, named: true }, endpoint: undefined }
  const endpoint = url && { host: url.host, port: url.port }
  return { database: id === undefined ? undefined : { id, kind, named: named !== undefined }, endpoint }
}
