import { CruddurError } from '../../errors.ts'
import { compareVersions, parseVersion } from '../python/version.ts'
import { candidatesOf } from './candidates.ts'
import type { IndexClient } from './index-client.ts'
import type { LockInputs, Inputs } from './inputs.ts'
import { explainNoWheel } from './no-wheel.ts'
import type { Resolution, ResolvedPackage, SourceOnly } from './resolution.ts'
import { wheelOf, withoutWheel } from './resolution-of.ts'
import type { Target } from './target.ts'
import { hintFor } from './unsolvable.ts'

/**
 * Picks the wheel of each package that a lock pins. Nothing is chosen but the file; the index is asked only for where files are,
 * if the lock does not say.
 * @throws {CruddurError} `VERSION_NOT_FOUND` when none of the files that the lock allows is to be had, `NO_WHEEL`; what the index client throws
 */
export async function pickLocked(
  inputs: LockInputs & Pick<Inputs, 'origin'>,
  client: IndexClient,
  target: Target,
): Promise<Resolution> {
  const packages: ResolvedPackage[] = []
  const sourceOnly: SourceOnly[] = []
  const picked = await Promise.all(
    inputs.packages.map(async (locked) => {
      const files = locked.files ?? (await client.files(locked.name))
      const version = parseVersion(locked.version)
      const candidates = candidatesOf(locked.name, files, target, locked.hashes)
      return {
        locked,
        found: candidates.find((one) => version && compareVersions(one.version, version) === 0),
      }
    }),
  )
  for (const { locked, found } of picked) {
    const { name, version, requiredBy } = locked
    if (!found)
      throw new CruddurError(
        `No file of ${name} ${version} that "${inputs.origin}" allows is for ${target.runtime.name}.`,
        {
          code: 'VERSION_NOT_FOUND',
          hint: 'Lock again, for this Python version and with this index.',
          details: { package: name, version },
        },
      )
    if (found.wheel) packages.push({ name, version, wheel: wheelOf(found.wheel), requiredBy })
    else if (found.source)
      sourceOnly.push({ ...withoutWheel(found, target), requiredBy, requirementsKnown: true })
    else {
      const { why, tags, fits } = explainNoWheel(found, target)
      throw new CruddurError(`${why.charAt(0).toUpperCase()}${why.slice(1)}.`, {
        code: 'NO_WHEEL',
        hint: hintFor(fits),
        details: { package: name, version, tags, fits },
      })
    }
  }
  return {
    packages: packages.toSorted(byName),
    sourceOnly: sourceOnly.toSorted(byName),
    by: 'lock',
    because: `"${inputs.origin}" pins all of them`,
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
