/** Quotes the value of a variable as libpq does: an E string where there is a backslash; names always in double quotes. */
export function quoteValue(value: string, as: 'literal' | 'identifier'): string {
  if (as === 'identifier') return `"${value.replaceAll('"', '""')}"`
  const doubled = value.replaceAll("'", "''")
  return doubled.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
