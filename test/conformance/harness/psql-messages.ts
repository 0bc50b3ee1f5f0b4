import type { PsqlMessage } from './case.ts'

/** A first line: where, then a server's severity with SQLSTATE (VERBOSITY=verbose) or a word of psql's own. */
const FIRST_LINE = new RegExp(
  '^(?:psql:(?:(?<file>.+?)(?::(?<line>\\d+))?: | ?))?' +
    '(?:(?<severity>ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|LOG|DEBUG):  (?<sqlstate>[0-9A-Z]{5}): ' +
    '|(?<own>error|warning): )(?<message>.*)$',
  's',
)

/** Host and port differ from server to server. */
const ADDRESS = /connection to server .*? failed: /s

const BAD = new Set(['ERROR', 'FATAL', 'PANIC', 'psql error'])

function toMessage(groups: Record<string, string | undefined>): PsqlMessage {
  return {
    severity: groups['severity'] ?? `psql ${groups['own']}`,
    sqlstate: groups['sqlstate'] ?? null,
    message: (groups['message'] ?? '').replace(ADDRESS, 'connection to server failed: '),
    file: groups['file'] ?? null,
    line_psql_printed: groups['line'] === undefined ? null : Number(groups['line']),
  }
}

/** Sorts what psql wrote to standard error into errors and notices, in the form of the records. */
export function parsePsqlMessages(stderr: Buffer): { errors: PsqlMessage[]; notices: PsqlMessage[] } {
  const errors: PsqlMessage[] = []
  const notices: PsqlMessage[] = []
  let last: PsqlMessage | undefined
  for (const line of stderr.toString().split('\n')) {
    const first = FIRST_LINE.exec(line)
    if (first?.groups) {
      last = toMessage(first.groups)
      if (BAD.has(last.severity)) errors.push(last)
      else notices.push(last)
      continue
    }
    const further = /^(DETAIL|HINT):  (.*)$/s.exec(line)
    if (further && last) last[further[1] === 'DETAIL' ? 'detail' : 'hint'] = further[2] ?? ''
  }
  return { errors, notices }
}
