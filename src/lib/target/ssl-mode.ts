/** libpq's values of `sslmode` (PostgreSQL documentation, "SSL Support", table 32.1), weakest first. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type SslMode = (typeof SSL_MODES)[number]

export function isSslMode(value: string): value is SslMode {
  return (SSL_MODES as readonly string[]).includes(value)
}

/**
 * Whether the host is an Amazon RDS or Aurora endpoint, whose certificates the RDS roots sign. The name only
 * ever makes cruddur stricter (verify, protect), never laxer.
 */
export function isRdsHost(host: string): boolean {
  return /\.rds\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?\.?$/i.test(host)
}

/** Whether the bundled roots are those of the endpoint: AWS keeps roots of its own for China, which are not in the bundle. */
export function isCoveredRdsHost(host: string): boolean {
  return isRdsHost(host) && !/\.cn\.?$/i.test(host)
}
