import type { Requirement } from '../python/requirement.ts'

/** A requirement of whoever asks, and where it stands: `requirements.txt, line 3`. */
export interface RootRequirement {
  requirement: Requirement
  origin: string
}
