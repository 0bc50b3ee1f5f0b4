import { connectionUrl, parseConnectionUrl } from './connection-url.ts'

/** The scheme and the user, a password, and what follows. */
const PARTS = /^(postgres(?:ql)?:\/\/[^:@/?#]+)(?::[^@/?#]*)?(@.*)$/is

/**
 * The same URL with another password, or with none; everything else stays as it was written where that can be.
 * @throws {UsageError} `INVALID_URL`
 */
export function withPassword(url: string, password: string | undefined): string {
  const target = { ...parseConnectionUrl(url), password }
  const [, before, behind] = PARTS.exec(url.trim()) ?? []
  const written = /^postgres:\/\/[^:@]+(:[^@]*)?@/.exec(connectionUrl(target))?.[1] ?? ''
  const changed = `${before}${written}${behind}`
  const kept = before !== undefined && parseConnectionUrl(changed).password === password
  // One that stands among the parameters cannot be kept there.
  return kept ? changed : connectionUrl(target)
}
