import { mustStay } from '../wheel/must-stay.ts'
import { pathPattern } from './path-pattern.ts'

/** Why a file is left out of a layer. */
export type PruneReason = 'tests' | 'caches' | 'headers' | 'stubs' | 'cython' | 'sources'

interface PruneRule {
  reason: PruneReason
  /** Fits paths below the folder of the packages. */
  pattern: RegExp
}

/**
 * What no function needs at run time. Only folders below a package count as tests: a package that is itself called `tests` may be one
 * that somebody imports. `test` without an s is left alone, because `django.test` and others are for users.
 */
const RULES: readonly PruneRule[] = [
  { reason: 'tests', pattern: /^[^/]+\/(?:.*\/)?tests\// },
  // Only what Python itself made of sources; `.pyc` files elsewhere may stand in for sources.
  { reason: 'caches', pattern: /(?:^|\/)__pycache__\// },
  { reason: 'headers', pattern: /\.(?:h|hh|hpp|hxx|cuh|inl)$/ },
  { reason: 'stubs', pattern: /(?:\.pyi|(?:^|\/)py\.typed)$/ },
  { reason: 'cython', pattern: /\.(?:pyx|pxd|pxi)$/ },
  { reason: 'sources', pattern: /\.(?:c|cc|cpp|cxx|a)$/ },
]

/** Folders that are called like tests, and that the package itself imports. */
const NEEDED: readonly RegExp[] = [/^astropy\/tests\//]

/**
 * Says what is left out of a layer: tests, caches, headers, stubs and sources by a table, never what `mustStay` names, and nothing
 * that a pattern of the caller keeps.
 */
export class Pruning {
  readonly #kept: readonly { pattern: string; fits: (path: string) => boolean }[]
  readonly #used = new Set<string>()

  /** @param keep patterns of paths below the folder of the packages (see `pathPattern`) */
  constructor(keep: readonly string[] = []) {
    this.#kept = keep.map((pattern) => ({ pattern, fits: pathPattern(pattern) }))
  }

  /** Patterns that have kept nothing so far. */
  get unused(): string[] {
    return this.#kept.map(({ pattern }) => pattern).filter((pattern) => !this.#used.has(pattern))
  }

  /**
   * Why a file is left out; `undefined` when it stays.
   * @param path below the folder of the packages
   */
  reasonFor(path: string): PruneReason | undefined {
    if (mustStay(path) || NEEDED.some((pattern) => pattern.test(path))) return undefined
    const rule = RULES.find(({ pattern }) => pattern.test(path))
    if (rule === undefined) return undefined
    const kept = this.#kept.filter(({ fits }) => fits(path))
    for (const { pattern } of kept) this.#used.add(pattern)
    return kept.length > 0 ? undefined : rule.reason
  }
}
