import { PASSWORD_MODES } from '../rds/login/password-modes.ts'
import type { Redactor } from '../target/redact.ts'

/** `scheme://user:password@…`: what stands between the first colon and the last @ may be the password, or a part of it. */
const IN_URL = /:\/\/([^:/?#]*):(.*)@(.*)$/s

/** libpq's parameter, in a URL or in a connection string. */
const AS_PARAMETER = /(?:^|[\s?&])password\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]*)/g

/** A flag that looks as if a password belonged to it, also misspelt, or AWS' own `--master-user-password`. None here takes one. */
const PASSWORD_FLAG = /^--?[\w-]*(?:pas|pw|psw)[\w-]*(?:=(.*))?$/is

/**
 * Registers the passwords that stand in the words of the command line, wherever: a URL in the wrong place (`db drop
 * postgres://…`) is a mistake that the message must name without repeating what is in it.
 */
export function maskArguments(words: readonly string[], redactor: Redactor): void {
  for (const [index, word] of words.entries()) {
    const [, user, password, rest = ''] = IN_URL.exec(word) ?? []
    redactor.add(password, [user, ...rest.split(/[:/?]/)])
    for (const [, value = ''] of word.matchAll(AS_PARAMETER)) redactor.add(value.replace(/^'(.*)'$/s, '$1'))
    const flag = PASSWORD_FLAG.exec(word)
    if (flag) redactor.add(flag[1] ?? words[index + 1], [...PASSWORD_MODES.keys()])
  }
}
