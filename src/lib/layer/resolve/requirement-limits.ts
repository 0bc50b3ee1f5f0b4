import { UsageError } from '../../errors.ts'
import type { Logins } from '../http/logins.ts'
import type { RequirementInputs } from './inputs.ts'
import type { IndexFile } from './index-file.ts'

/** The hashes that requirements and constraints give, by package. */
export function hashLimits({ requirements, constraints }: RequirementInputs): Map<string, Set<string>> {
  const limits = new Map<string, Set<string>>()
  for (const { requirement, hashes } of [...requirements, ...constraints])
    for (const hash of hashes)
      limits.set(requirement.name, (limits.get(requirement.name) ?? new Set()).add(hash))
  return limits
}

/**
 * The wheels that requirements name by URL, by package.
 * @throws {UsageError} `REQUIREMENT_NOT_SUPPORTED` for anything but a wheel
 */
export function urlFiles({ requirements }: RequirementInputs, logins: Logins): Map<string, IndexFile> {
  const files = new Map<string, IndexFile>()
  for (const { requirement, origin, hashes } of requirements) {
    if (requirement.url === undefined) continue
    const given = URL.parse(requirement.url)
    const fileName = decodeURIComponent(given?.pathname.split('/').at(-1) ?? '')
    if (!given || !/^https?:$/.test(given.protocol) || !fileName.endsWith('.whl'))
      throw new UsageError(`${requirement.name} cannot be put into a layer from where it is (${origin}).`, {
        code: 'REQUIREMENT_NOT_SUPPORTED',
        hint: 'Name a wheel by http or https, or give its folder as --find-links and the package by name.',
        details: { origin },
      })
    const sha256 = /sha256=([\da-f]{64})/i.exec(given.hash)?.[1]?.toLowerCase()
    const url = logins.take(given)
    url.hash = ''
    files.set(requirement.name, {
      fileName,
      url: url.href,
      sha256: sha256 ?? hashes[0],
      size: undefined,
      requiresPython: undefined,
      yanked: false,
      metadata: false,
      uploaded: undefined,
    })
  }
  return files
}
