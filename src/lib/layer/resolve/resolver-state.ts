import type { Requirement } from '../python/requirement.ts'
import type { Specifier } from '../python/specifier.ts'
import type { Candidate } from './candidates.ts'

/** A wish about the version of a package. */
export interface Need {
  specifier: Specifier
  /** Who has it, for people: `pandas 2.3.3`, or where it stands in a file. */
  from: string
  /** Names of the decisions that it follows from; empty if the caller has it. */
  by: readonly string[]
  /** Name of the package that has it; `undefined` if the caller does. */
  parent: string | undefined
}

/** A package for which no version was left, and why. */
export interface Rejection {
  name: string
  needs: readonly Need[]
}

/** A version that is chosen for the time being. */
export interface Pin {
  candidate: Candidate
  requirements: readonly Requirement[]
  /** Those of its requirements that are among the needs already. */
  followed: Set<Requirement>
}

/** What is decided, and what follows from it. A decision makes a new one, so that it can be taken back. */
export class State {
  readonly pins: Map<string, Pin>
  /** Packages that are needed, and in which order they came up. */
  readonly wanted: Map<string, number>
  readonly #needs: Map<string, Need[]>
  /** For each package the extras that are asked for, and which decisions each follows from. */
  readonly #extras: Map<string, Map<string, readonly string[]>>

  constructor(from?: State) {
    this.pins = new Map(
      [...(from?.pins ?? [])].map(([name, pin]) => [name, { ...pin, followed: new Set(pin.followed) }]),
    )
    this.wanted = new Map(from?.wanted)
    this.#needs = new Map([...(from?.allNeeds ?? [])].map(([name, needs]) => [name, [...needs]]))
    this.#extras = new Map([...(from?.allExtras ?? [])].map(([name, extras]) => [name, new Map(extras)]))
  }

  /** A copy with one more decision. */
  with(candidate: Candidate, requirements: readonly Requirement[]): State {
    const next = new State(this)
    next.pins.set(candidate.name, { candidate, requirements, followed: new Set() })
    return next
  }

  /** The wishes about a package. The list may be added to. */
  needs(name: string): Need[] {
    const known = this.#needs.get(name)
    if (known) return known
    const none: Need[] = []
    this.#needs.set(name, none)
    return none
  }

  /** The extras of a package that are asked for, and the decisions that each follows from. */
  extrasOf(name: string): ReadonlyMap<string, readonly string[]> {
    return this.#extras.get(name) ?? new Map<string, readonly string[]>()
  }

  /**
   * Adds a wish.
   * @returns whether it asks for an extra that nobody asked for before
   */
  want({ name, extras }: Requirement, need: Need): boolean {
    if (!this.wanted.has(name)) this.wanted.set(name, this.wanted.size)
    this.needs(name).push(need)
    const known = this.#extras.get(name) ?? new Map<string, readonly string[]>()
    const fresh = extras.filter((extra) => !known.has(extra))
    for (const extra of fresh) known.set(extra, need.by)
    this.#extras.set(name, known)
    return fresh.length > 0
  }

  private get allNeeds(): ReadonlyMap<string, Need[]> {
    return this.#needs
  }

  private get allExtras(): ReadonlyMap<string, Map<string, readonly string[]>> {
    return this.#extras
  }
}
