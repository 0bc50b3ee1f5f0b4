import { CruddurError } from '../errors.ts'
import { ServerError, type ServerMessage } from './server-message.ts'

/** What some SQLSTATEs mean for a command on a whole database, and what to do. */
const KNOWN: Readonly<Record<string, { code: string; hint: string }>> = {
  '25006': {
    code: 'READ_ONLY',
    hint: 'This is a replica or a read-only session; use the endpoint of the writer.',
  },
  '42501': {
    code: 'PERMISSION_DENIED',
    hint: 'Use a role that owns the database or has CREATEDB (on RDS: the master user).',
  },
  '53100': { code: 'DISK_FULL', hint: "The server's disk is full: make room there, or enlarge the storage." },
  '53300': {
    code: 'TOO_MANY_CONNECTIONS',
    hint: 'End idle sessions with cruddur db sessions kill, or raise max_connections.',
  },
  '55006': { code: 'DATABASE_IN_USE', hint: 'cruddur db sessions shows who uses it.' },
}

/** The error for a statement of cruddur's own that the server refused while doing `what`. */
export function sqlError(server: ServerMessage, what: string): CruddurError {
  const known = KNOWN[server.sqlstate]
  return new ServerError(server, {
    code: known?.code ?? 'SQL_ERROR',
    message: `Could not ${what}: ${server.message} (SQLSTATE ${server.sqlstate}).`,
    hint: server.hint ?? known?.hint,
  })
}
