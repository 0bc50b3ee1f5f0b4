import type { SeededRandom } from './seeded-random.ts'

/** What makes reading a script hard, and a few plain words in between. */
const FRAGMENTS: readonly string[] = [
  ["'", "'", "''", "E'", "e'", "U&'", "B'", "N'", "\\'", '\\\\', '"', '""', '$$', '$a$', '$1', '$'],
  ['--', '/*', '*/', '-', '/', '*', ';', ';', ';', '(', ')', '\\;', '\\:', '::', ':=', ':', ','],
  [':v', ":'v'", ':"v"', ':{?v}', ':q', ':c', ':d', ':k', ':no', ":'no'", ':{?no}'],
  ['\n', '\n', '\n', '\r\n', '\t', ' ', ' ', ' ', '\f', '\v', '1', '1e5', '.5', 'é', '😀', '\u00a0', 'x'],
  ['select ', 'insert into t ', 'create function ', 'create or replace procedure ', ' begin ', ' atomic '],
  [' case ', ' end', 'or ', 'standard_conforming_strings'],
  ['\n\\echo ', '\\echo ', '\\set v ', '\\set q ', '\n\\if true\n', '\n\\if false\n', '\\elif :v\n'],
  ['\n\\else\n', '\n\\endif\n', '\\g\n', '\\r\n', '\\p\n', '\\\\ ', '\\', '\\copy t from stdin\n', '`x`'],
  ['\ncopy t from stdin;\n', 'copy t from stdin', '1\t2\n', '\\.\n', '\\.\r\n', '\\.', '\\N\n'],
].flat()

/** Values of variables that end, begin or hold what a reader must not lose track of; `d` and `k` refer to others. */
export const RANDOM_VARIABLES: Readonly<Record<string, string>> = {
  v: 'value',
  q: "'it''s",
  c: '\\echo said \\\\ ; /* ',
  d: "$$ ; :v ' -- ",
  k: ":c E'\\'",
}

/** Text that looks like SQL and mostly is none: so many fragments in a row. */
export function randomSql(random: SeededRandom, fragments: number): string {
  return Array.from({ length: fragments }, () => random.pick(FRAGMENTS)).join('')
}
