/**
 * Cases in which later minor releases of psql on purpose no longer do what the records say (made with 15.18). The
 * record stays the measure.
 */
const CHANGED: Readonly<Record<string, string>> = {
  '213-copy-errors-after-error-in-transaction':
    'since 15.19 psql skips the data of a COPY that the server did not begin (CVE-2026-6464)',
}

/**
 * Cases with COPY data in CSV within the script. Since 18 the server leaves it to the client to find the line `\.`
 * there ("COPY", file formats), and an older psql, which sends that line along, fails.
 */
const CSV_DATA = new Set([
  '184-copy-stdin-csv-basic',
  '185-copy-stdin-csv-header-quoted-dot',
  '187-copy-stdin-csv-options',
  '911-copy-stdin-two-joined',
  '915-copy-stdin-over-several-lines',
  '920-copy-stdin-crlf-csv',
  '924-copy-stdin-no-rows',
])

/** What itself is another thing on 18: `\.` in a CSV file is data, and its line break is not looked at. */
const OTHERWISE = new Set(['225-copy-file-copy-csv-dot-in-file', '919-copy-stdin-crlf-terminator-only'])

/** Whether there is a measure for a case on this server at all. */
export function isMeasurable(name: string, serverMajor: number): boolean {
  return serverMajor < 18 || !OTHERWISE.has(name)
}

/** Whether an older psql than 18 (Debian's here is 15) cannot be the measure for a case on this server. */
export function changedSinceRecord(name: string, serverMajor: number): boolean {
  return name in CHANGED || (serverMajor >= 18 && CSV_DATA.has(name))
}
