import { choices } from './choices.ts'
import type { PackageSource } from './package-source.ts'
import type { Rejection } from './resolver-state.ts'
import type { RootRequirement } from './root-requirement.ts'

interface Lacking {
  name: string
  /** Whether no version at all has a wheel for the target. */
  never: boolean
}

/**
 * Packages that had to be given up for lack of a wheel, but could be built. Those that never have a wheel come first, then those that were
 * asked for: with these built, the others may still be found as wheels of an older version.
 */
export async function withoutWheels(
  requirements: readonly RootRequirement[],
  rejections: ReadonlyMap<string, Rejection>,
  source: PackageSource,
): Promise<string[]> {
  const asked = new Set(requirements.map(({ requirement }) => requirement.name))
  const found = await Promise.all(
    [...rejections.values()].map(async ({ name, needs }) => {
      const candidates = await source.candidates(name)
      const isLacking =
        choices(candidates, needs, false).length === 0 && choices(candidates, needs, true).length > 0
      return isLacking ? [{ name, never: candidates.every(({ wheel }) => !wheel) }] : []
    }),
  )
  const lacking: Lacking[] = found.flat()
  const rules: ((one: Lacking) => boolean)[] = [
    ({ never }) => never,
    ({ name }) => asked.has(name),
    () => true,
  ]
  const first = rules.map((rule) => lacking.filter(rule)).find((some) => some.length > 0)
  return (first ?? []).map(({ name }) => name)
}
