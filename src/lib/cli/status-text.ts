import type { DatabaseStatus } from '../postgres/status.ts'
import { count, formatBytes } from './format.ts'

/** A database's status in lines of name and value. */
export function describeStatus(status: DatabaseStatus, source: string): string {
  const { host, port, serverAddress, database } = status
  const behind = serverAddress && serverAddress !== host ? ` (its own address: ${serverAddress})` : ''
  const lines: [string, string][] = [
    [
      'server',
      `PostgreSQL ${status.serverVersion} at ${host}:${port}${behind}, ${status.encrypted ? 'encrypted' : 'not encrypted'}, ${status.roundTrip} ms away`,
    ],
    ['target', `${database} as ${status.user} (${source})`],
  ]
  if (!status.exists) lines.push(['database', 'does not exist; cruddur db setup makes it'])
  else {
    lines.push([
      'database',
      `${formatBytes(status.bytes ?? 0)}, owned by ${status.owner ?? '?'}${status.production ? ', marked as production' : ''}`,
    ])
    lines.push([
      'schema',
      status.schemaLoaded
        ? `loaded: ${count(status.tables ?? 0, 'table')}`
        : 'not loaded; cruddur db schema-load loads it',
    ])
    lines.push(['sessions', String(status.sessions)])
  }
  return lines.map(([name, value]) => `${name.padEnd(10)}${value}`).join('\n')
}
