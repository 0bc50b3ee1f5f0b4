import type { TlsPlan } from '../postgres/tls.ts'
import type { Target } from '../target/connection-url.ts'

/**
 * Variables of libpq that say how things look or where passwords may be found, not where to connect ("Environment
 * Variables" in libpq's documentation). Every other one that begins with PG could lead psql elsewhere.
 */
const KEPT = new Set(['PGPASSFILE', 'PGCLIENTENCODING', 'PGTZ', 'PGDATESTYLE', 'PGLOCALEDIR'])

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment in which psql connects to the target as cruddur itself does: same place, same user, same TLS.
 * @param inherited the environment that psql gets besides; what in it would change the target is left out
 * @param rootFile path of a PEM file with the roots that the plan trusts
 */
export function psqlEnvironment(
  target: Target,
  plan: TlsPlan,
  inherited: Environment,
  rootFile: string | undefined,
): Record<string, string> {
  const own: Environment = {
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGDATABASE: target.database,
    PGPASSWORD: target.password,
    PGSSLMODE: plan.mode,
    PGSSLROOTCERT: rootFile,
    PGSSLCERT: target.sslCert,
    PGSSLKEY: target.sslKey,
    PGCHANNELBINDING: target.channelBinding,
    // Encryption by Kerberos would come before TLS and leave the certificate unchecked.
    PGGSSENCMODE: 'disable',
    PGOPTIONS: target.options,
    PGAPPNAME: target.applicationName,
    PGCONNECT_TIMEOUT:
      target.connectTimeout === undefined ? undefined : String(Math.ceil(target.connectTimeout / 1000)),
  }
  const kept = Object.entries(inherited).filter(([name]) => !name.startsWith('PG') || KEPT.has(name))
  return Object.fromEntries(
    [...kept, ...Object.entries(own)].filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
}
