/** A symbol version taken apart: `GLIBC_2.17` is `GLIBC` and 2, 17. */
export interface SymbolVersion {
  family: string
  numbers: readonly number[]
}

/**
 * Versions without a number that say which release brought them. `GLIBC_ABI_DT_RELR`: glibc's NEWS for 2.36.
 * `GLIBC_PRIVATE` is not among them: it has been there always.
 */
const NAMED: Readonly<Record<string, SymbolVersion>> = {
  GLIBC_ABI_DT_RELR: { family: 'GLIBC', numbers: [2, 36] },
}

/**
 * Takes a symbol version apart.
 * @returns `undefined` for one that is not a number, such as `GLIBC_PRIVATE` or `CXXABI_FLOAT128`
 */
export function parseSymbolVersion(name: string): SymbolVersion | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  const [, family, digits] = /^(\w+?)_(\d{1,9}(?:\.\d{1,9}){0,7})$/.exec(name) ?? []
  if (family === undefined || digits === undefined) return undefined
  return { family, numbers: digits.split('.').map(Number) }
}

/** Below 0 when the first is older, above 0 when it is newer, 0 when they are equal; what is missing counts as 0. */
export function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Whether a version is newer than what a system's libraries define.
 * @param ceilings the newest version by family, `{ GLIBC: '2.34' }`; of other families nothing is known
 */
export function exceeds(name: string, ceilings: Readonly<Record<string, string>>): boolean {
  const version = parseSymbolVersion(name)
  if (version === undefined || !Object.hasOwn(ceilings, version.family)) return false
  const ceiling = (ceilings[version.family] as string).split('.').map(Number)
  return compareNumbers(version.numbers, ceiling) > 0
}

/** The newest version by family among names: `{ GLIBC: 'GLIBC_2.17' }`. Names without a number do not count. */
export function newestByFamily(names: Iterable<string>): Record<string, string> {
  const newest = Object.create(null) as Record<string, string>
  for (const name of names) {
    const version = parseSymbolVersion(name)
    if (version === undefined) continue
    const known = parseSymbolVersion(newest[version.family] ?? '')
    if (known === undefined || compareNumbers(version.numbers, known.numbers) > 0)
      newest[version.family] = name
  }
  return newest
}
