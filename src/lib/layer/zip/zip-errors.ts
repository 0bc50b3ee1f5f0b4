import { CruddurError } from '../../errors.ts'

/**
 * @param archive the zip's name
 * @returns the error of a zip that is damaged or contradicts itself
 */
export function invalidZip(
  archive: string,
  reason: string,
  details: Record<string, unknown> = {},
): CruddurError {
  return new CruddurError(`"${archive}" is not a sound zip: ${reason}.`, {
    code: 'ZIP_INVALID',
    hint: 'Download or build it again.',
    details: { file: archive, ...details },
  })
}

/** @returns the error of a zip that uses what Lambda, pip and this tool do not read */
export function unsupportedZip(archive: string, entry: string, reason: string): CruddurError {
  return new CruddurError(`"${entry}" in "${archive}" ${reason}.`, {
    code: 'ZIP_UNSUPPORTED',
    hint: 'Make the zip with entries that are stored or deflated, and not encrypted.',
    details: { file: archive, entry },
  })
}
