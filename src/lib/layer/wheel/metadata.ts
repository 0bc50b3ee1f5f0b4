/** What the METADATA of a package says (PyPA, "Core metadata specifications"), as far as layers are concerned. */
export interface PackageMetadata {
  /** As its authors write it. */
  name: string
  version: string
  /** Requirements, each with its marker, as they stand there. */
  requiresDist: string[]
  requiresPython: string | undefined
  providesExtra: string[]
  /** An SPDX expression. */
  licenseExpression: string | undefined
  /** The older field: a name, or the whole text of a licence. */
  license: string | undefined
  /** Classifiers that begin with `License ::`. */
  licenseClassifiers: string[]
}

/** Reads METADATA; the description at its end is left out. */
export function parseMetadata(text: string): PackageMetadata {
  const fields = parseFields(text)
  const all = (name: string) => fields.get(name) ?? []
  const one = (name: string) => all(name)[0]
  return {
    name: one('name') ?? '',
    version: one('version') ?? '',
    requiresDist: all('requires-dist'),
    requiresPython: one('requires-python'),
    providesExtra: all('provides-extra'),
    licenseExpression: one('license-expression'),
    license: one('license'),
    licenseClassifiers: all('classifier').filter((classifier) => classifier.startsWith('License ::')),
  }
}

/**
 * The fields of METADATA or WHEEL: headers as of an e-mail, up to the first empty line.
 * @returns values by the name in lower case
 */
export function parseFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>()
  const [head = ''] = text.split(/\r?\n\r?\n/, 1)
  // A line that begins with a space goes on with the one before.
  for (const line of head.split(/\r?\n(?![ \t])/)) {
    const [, name, value] = /^([^\s:]+):([\s\S]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) continue
    const key = name.toLowerCase()
    fields.set(key, [...(fields.get(key) ?? []), value.trim()])
  }
  return fields
}
