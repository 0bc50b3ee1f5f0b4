import { isPrerelease } from '../python/version.ts'
import type { Candidate } from './candidates.ts'
import type { Need } from './resolver-state.ts'

/**
 * The versions that may be taken, in the order in which they are tried: the newest first. As with pip, pre-releases count where a
 * wish names one or nothing else is left, and versions that were taken back where a wish names just that version.
 * @param fromSource whether versions without a wheel count as well, after all others
 */
export function choices(
  candidates: readonly Candidate[],
  needs: readonly Need[],
  fromSource: boolean,
): Candidate[] {
  const specifiers = needs.map(({ specifier }) => specifier)
  const isPinned = specifiers.some((specifier) => specifier.isPinned)
  const wanted = candidates.filter(
    ({ version, yanked, wheel, source }) =>
      (!yanked || isPinned) &&
      (wheel !== undefined || (fromSource && source !== undefined)) &&
      specifiers.every((specifier) => specifier.allows(version)),
  )
  const final = wanted.filter(({ version }) => !isPrerelease(version))
  const takesAll = final.length === 0 || specifiers.some((specifier) => specifier.namesPrerelease)
  const taken = takesAll ? wanted : final
  return [...taken.filter(({ wheel }) => wheel), ...taken.filter(({ wheel }) => !wheel)]
}
