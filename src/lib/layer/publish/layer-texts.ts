import { LIMITS } from '../limits.ts'
import type { LayerJson } from '../layer-json.ts'

/**
 * What a layer is, in the characters that Lambda has for it: the packages with their versions, and what they are for.
 */
export function describeLayer({
  wheels,
  python,
  arch,
}: Pick<LayerJson, 'wheels' | 'python' | 'arch'>): string {
  const target = `Python ${python}, ${arch}`
  const names = wheels.map(({ name, version }) => `${name} ${version}`)
  for (let shown = names.length; shown > 0; shown--) {
    const more = names.length - shown
    const text = `${names.slice(0, shown).join(', ')}${more === 0 ? '' : ` and ${more} more`}; ${target}`
    if (text.length <= LIMITS.description) return text
  }
  return target
}

/** An SPDX expression, without its parentheses: identifiers with AND, OR and WITH between them. */
const SPDX = /^[\w.+-]+(?:\s+(?:AND|OR|WITH)\s+[\w.+-]+)*$/

function isSpdx(licence: string): boolean {
  return SPDX.test(licence.replaceAll(/[()]/g, ' ').trim())
}

/** Characters of a licence that is not an SPDX expression: its name, not its text. */
const NAME_LENGTH = 60

/**
 * The licences of all packages as one: an SPDX expression where all of them are, otherwise a list.
 * @returns `undefined` when none is known
 */
export function rollUpLicences(licences: readonly (string | undefined)[]): string | undefined {
  const known = licences.flatMap((licence) => licence?.trim().split('\n', 1)[0]?.trim() || [])
  const names = known.map((licence) => (isSpdx(licence) ? licence : licence.slice(0, NAME_LENGTH)))
  const all = [...new Set(names)].toSorted()
  if (all.length === 0) return undefined
  if (!all.every(isSpdx)) return shortened(all)
  const [only = '', ...others] = all
  const parts = all.map((licence) => (/\sOR\s/.test(licence) ? `(${licence})` : licence))
  const text = others.length === 0 ? only : parts.join(' AND ')
  return text.length <= LIMITS.licence ? text : shortened(parts)
}

/** As many as there is room for. */
function shortened(parts: readonly string[]): string {
  for (let shown = parts.length; shown > 0; shown--) {
    const more = parts.length - shown
    const text = `${parts.slice(0, shown).join('; ')}${more === 0 ? '' : `; and ${more} more`}`
    if (text.length <= LIMITS.licence) return text
  }
  return (parts[0] ?? '').slice(0, LIMITS.licence)
}
