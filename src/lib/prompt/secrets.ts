import { headTokens, type Token } from '../script/tokens.ts'

/** A password within a text: of a connection string (`password=…`), or of a URL. */
const PASSWORD_WITHIN = /\bpassword\s*=\s*[^\s']|:\/\/[^\s/:@]+:[^\s/@]+@/i

/** Whether an entry holds what looks like a password, so that it must not be kept: `PASSWORD '…'` and its like. */
export function holdsPassword(entry: string): boolean {
  if (PASSWORD_WITHIN.test(entry)) return true
  let previous: Token | undefined
  for (const token of headTokens(Buffer.from(entry))) {
    if (token.kind === 'string' && isPasswordWord(previous)) return true
    // `SET password = '…'`, `OPTIONS (password '…')`
    if (token.text !== '=' && token.text !== ',') previous = token
  }
  return false
}

function isPasswordWord(token: Token | undefined): boolean {
  return (token?.kind === 'word' || token?.kind === 'quoted') && /^pass(?:word|wd)?$/i.test(token.text)
}
