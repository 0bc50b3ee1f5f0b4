import type { Redactor } from '../target/redact.ts'

/** `scheme://user:password@…`: what stands between the first colon and the last @ may be the password, or a part of it. */
const IN_URL = /:\/\/([^:/?#]*):(.*)@(.*)$/s

/** libpq's parameter, in a URL or in a connection string. */
const AS_PARAMETER = /(?:^|[\s?&])password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]*)/g

/**
 * Registers the passwords that stand in the words of the command line, wherever: a URL in the wrong place (`db drop
 * postgres://…`) is a mistake that the message must name without repeating what is in it.
 */
export function maskArguments(words: readonly string[], redactor: Redactor): void {
  for (const word of words) {
    const [, user, password, rest = ''] = IN_URL.exec(word) ?? []
    redactor.add(password, [user, ...rest.split(/[:/?]/)])
    for (const [, value = ''] of word.matchAll(AS_PARAMETER)) redactor.add(value.replace(/^'(.*)'$/s, '$1'))
  }
}
