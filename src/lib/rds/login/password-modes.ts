/**
 * How the master user of a new database is to log in: with a password that is made up, or that somebody gives; with one that
 * Secrets Manager makes and changes; with tokens of IAM.
 */
export type NewLogin = 'generated' | 'given' | 'managed' | 'iam'

/** What `--password` takes: how there comes to be a password, and never one. */
export const PASSWORD_MODES: ReadonlyMap<string, NewLogin> = new Map([
  ['generated', 'generated'],
  ['managed', 'managed'],
  ['stdin', 'given'],
])
