import type { Candidate } from './candidates.ts'
import type { Need, State } from './resolver-state.ts'

/** A version that was chosen. */
export interface Decision {
  candidate: Candidate
  /** Names of the packages that need it; empty if only the caller does. */
  requiredBy: string[]
  needs: readonly Need[]
}

/** What was decided in the end, by name. */
export function decisionsOf(state: State): Decision[] {
  return [...state.pins.values()]
    .map(({ candidate }) => {
      const needs = state.needs(candidate.name)
      const parents = needs.flatMap(({ parent }) =>
        parent === undefined || parent === candidate.name ? [] : [parent],
      )
      return { candidate, needs, requiredBy: [...new Set(parents)].toSorted() }
    })
    .toSorted((a, b) => (a.candidate.name < b.candidate.name ? -1 : 1))
}
