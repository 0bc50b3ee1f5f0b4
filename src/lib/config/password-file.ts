import { readFileSync, statSync } from 'node:fs'
import type { Target } from '../target/connection-url.ts'

/** Group and others have no business with a file of passwords (libpq ignores the file then, and so do we). */
const FORBIDDEN_MODE = 0o077

/** Where servers have their sockets by default: of PostgreSQL's own sources, and of Linux distributions. */
const DEFAULT_SOCKET_FOLDERS = new Set(['/tmp', '/var/run/postgresql', '/run/postgresql'])

/**
 * Looks a password up in libpq's password file ("The Password File"): lines of host:port:database:user:password, `*` for any,
 * a backslash before `:` and `\`. The first line that fits counts.
 */
export function findPassword(path: string | undefined, target: Target): string | undefined {
  const lines = path === undefined ? [] : readLines(path)
  const wanted = [
    DEFAULT_SOCKET_FOLDERS.has(target.host) ? 'localhost' : target.host,
    String(target.port),
    target.database,
    target.user,
  ]
  for (const line of lines) {
    const rest = behindFields(line, wanted)
    // The password ends at a colon, if at all.
    if (rest !== undefined) return (/^(?:\\.|[^:])*/.exec(rest)?.[0] ?? '').replace(/\\(.)/g, '$1')
  }
  return undefined
}

/** What stands behind the line's first fields, if each of them is the text that is wanted, or `*`. */
function behindFields(line: string, wanted: readonly string[]): string | undefined {
  let rest: string | undefined = line
  for (const text of wanted) rest = rest?.startsWith('*:') ? rest.slice(2) : behindField(rest ?? '', text)
  return rest
}

/** As libpq has it, a colon of the text itself may be escaped and need not be: `::1` is found like `\:\:1`. */
function behindField(line: string, text: string): string | undefined {
  let at = 0
  for (const character of text) {
    if (line[at] === '\\') at += 1
    if (!line.startsWith(character, at)) return undefined
    at += character.length
  }
  return line[at] === ':' ? line.slice(at + 1) : undefined
}

function readLines(path: string): string[] {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & FORBIDDEN_MODE) !== 0) return []
    return readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
  } catch {
    return []
  }
}
