/** What `pg_class.relkind` says, in words ("pg_class" in the documentation). */
export const RELATION_KINDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'partitioned table',
  v: 'view',
  m: 'materialized view',
  i: 'index',
  I: 'partitioned index',
  S: 'sequence',
  f: 'foreign table',
  t: 'TOAST table',
  c: 'composite type',
}

/** The kinds that a letter of `\dt`, `\dv` … asks for, as SQL lists them. */
export const KINDS_OF_LETTER: Readonly<Record<string, string>> = {
  t: `'r', 'p'`,
  v: `'v'`,
  m: `'m'`,
  i: `'i', 'I'`,
  s: `'S'`,
  E: `'f'`,
}

/** What `\d` without a name lists, and what `\d NAME` describes. */
export const LISTED_KINDS = `'r', 'p', 'v', 'm', 'S', 'f'`
export const DESCRIBED_KINDS = `${LISTED_KINDS}, 'i', 'I', 'c', 't'`
