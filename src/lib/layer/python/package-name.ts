/** The one form of a package's name under which indexes and locks know it (PyPA, "Names and normalization"): `Foo.Bar` is `foo-bar`. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}
