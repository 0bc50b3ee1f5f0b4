import type { DatabaseUrl } from '../rds/login/database-url.ts'
import type { ResetPasswordResult } from '../rds/login/reset-password.ts'

/** What a person should know of a connection URL that is printed; `undefined` where there is nothing. */
export function urlNote({ id, passwordSource, user, expiresAt }: DatabaseUrl): string | undefined {
  if (passwordSource === undefined)
    return `The password of ${user} is not known here, and AWS does not tell it. cruddur rds reset-password ${id} sets another one.`
  if (passwordSource === 'secret')
    return 'Secrets Manager changes this password, every seven days by default: ask for the URL when it is needed, and do not keep it.'
  if (passwordSource === 'iam')
    return `The token of ${user} ends at ${expiresAt?.toISOString()}: 15 minutes after it was made, or with the credentials that signed it. It works over TLS only.`
  return undefined
}

/** One line about a password that was changed. */
export function describeReset({ id, mode, user, kept, secretArn, dryRun }: ResetPasswordResult): string {
  const [gets, has] = dryRun ? ['would get', 'would have'] : ['has', 'has']
  const secret = secretArn === undefined ? '' : ` (${secretArn})`
  const by = mode === 'set' ? '' : `, made by Secrets Manager${secret}`
  const what = mode === 'set' ? 'it' : 'none any longer'
  const where = kept === undefined ? '' : `; ${kept.variable} in ${kept.path} ${has} ${what}`
  return `${user} of ${id} ${gets} another password${by}${where}.`
}
