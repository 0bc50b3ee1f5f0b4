/** libpq's values of `sslmode` (PostgreSQL documentation, "SSL Support", table 32.1), weakest first. */
export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

export type SslMode = (typeof SSL_MODES)[number]

export function isSslMode(value: string): value is SslMode {
  return (SSL_MODES as readonly string[]).includes(value)
}
