import { isPrerelease } from '../python/version.ts'
import type { Candidate } from './candidates.ts'
import type { IndexFile } from './index-file.ts'
import { explainNoWheel } from './no-wheel.ts'
import type { PackageSource } from './package-source.ts'
import type { Resolution, ResolvedBy, ResolvedPackage, ResolvedWheel, SourceOnly } from './resolution.ts'
import type { Decision } from './decision.ts'
import type { Target } from './target.ts'

interface Context {
  source: PackageSource
  target: Target
  by: ResolvedBy
  because: string
}

/** Puts decisions into words: which wheels, what must be compiled, and which newer versions were passed over. */
export async function resolutionOf(decisions: readonly Decision[], context: Context): Promise<Resolution> {
  const { source, target, by, because } = context
  const packages: ResolvedPackage[] = []
  const sourceOnly: SourceOnly[] = []
  for (const decision of decisions) {
    const { candidate, requiredBy } = decision
    const { name, version, wheel } = candidate
    if (wheel) {
      const passedOver = await newerWithoutWheel(decision, context)
      packages.push({ name, version: version.text, wheel: wheelOf(wheel), requiredBy, passedOver })
    } else {
      const requirementsKnown = (await source.requirements(candidate)) !== undefined
      sourceOnly.push({ ...withoutWheel(candidate, target), requiredBy, requirementsKnown })
    }
  }
  return { packages, sourceOnly, by, because }
}

/** What is said of a version that must be compiled. */
export function withoutWheel(
  candidate: Candidate,
  target: Target,
): Pick<SourceOnly, 'name' | 'version' | 'why' | 'fits'> {
  const { why, fits } = explainNoWheel(candidate, target)
  return { name: candidate.name, version: candidate.version.text, why, fits }
}

/** What is to be downloaded. */
export function wheelOf({ fileName, url, sha256, size }: IndexFile): ResolvedWheel {
  return { fileName, url, sha256, size }
}

/** The newest version that everybody would have taken, if it had a wheel for the target. */
async function newerWithoutWheel(
  { candidate, needs }: Decision,
  { source, target }: Context,
): Promise<ResolvedPackage['passedOver']> {
  const all = await source.candidates(candidate.name)
  const newer = all.slice(0, all.indexOf(candidate))
  const missed = newer.find(
    ({ version, wheel, yanked }) =>
      !wheel &&
      !yanked &&
      !isPrerelease(version) &&
      needs.every(({ specifier }) => specifier.allows(version)),
  )
  if (!missed) return undefined
  const { version, why, fits } = withoutWheel(missed, target)
  return { version, why, fits }
}
