/** What stands in the place of a secret. */
export const MASK = '********'

/**
 * Replaces secrets by their known values, never by a pattern: a pattern misses the password with an `@` in it.
 * Each character of a secret is found as it is, percent-encoded as in a URL, and escaped as in SQL and JSON.
 */
export class Redactor {
  readonly #secrets = new Set<string>()
  #pattern: RegExp | undefined

  /**
   * Registers a secret. `publicParts` (user, database, host) are shown anyway: a password equal to one of them
   * is no secret that masking could keep, and masking it would only garble every message.
   */
  add(secret: string | undefined, publicParts: readonly (string | undefined)[] = []): void {
    if (!secret || publicParts.includes(secret)) return
    this.#secrets.add(secret)
    // Longer ones first, so that no tail of one is left.
    const secrets = [...this.#secrets].toSorted((a, b) => b.length - a.length)
    this.#pattern = new RegExp(secrets.map(patternOf).join('|'), 'g')
  }

  /** The text with every known secret masked. */
  redact(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, MASK) : text
  }
}

/** Source of a regular expression that finds the secret, however much of it is encoded. */
function patternOf(secret: string): string {
  return Array.from(secret, (character) => `(?:${formsOf(character).join('|')})`).join('')
}

function formsOf(character: string): string[] {
  const percent = Buffer.from(character).toString('hex').replace(/../g, '%$&')
  return [
    percent.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`),
    literally(JSON.stringify(character).slice(1, -1)),
    ...(character === "'" ? ["''"] : []),
    literally(character),
  ]
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
