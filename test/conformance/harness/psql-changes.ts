/**
 * Cases in which later minor releases of psql on purpose no longer do what the records say (made with 15.18). The
 * record stays the measure.
 */
const CHANGED: Readonly<Record<string, string>> = {
  '213-copy-errors-after-error-in-transaction':
    'since 15.19 psql skips the data of a COPY that the server did not begin (CVE-2026-6464)',
}

/** Why psql cannot be the measure for a case, or `undefined`. */
export function changedSinceRecord(name: string): string | undefined {
  return CHANGED[name]
}
