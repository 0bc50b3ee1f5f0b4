import type { PackageMetadata } from '../wheel/metadata.ts'

/** Longer than that it is the licence's text, not its name. */
const LONGEST_NAME = 100

/** What a package says of its licence: the SPDX expression, else the name in the older field, else the classifier. */
export function licenceOf({
  licenseExpression,
  license,
  licenseClassifiers,
}: PackageMetadata): string | undefined {
  if (licenseExpression) return licenseExpression
  const name = license?.trim()
  if (name && name.length <= LONGEST_NAME && !name.includes('\n') && name !== 'UNKNOWN') return name
  return licenseClassifiers[0]?.split(' :: ').at(-1)
}
