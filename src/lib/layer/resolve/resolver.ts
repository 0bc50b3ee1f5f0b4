import { throwIfAborted } from '../../errors.ts'
import { holds } from '../python/marker.ts'
import type { Requirement } from '../python/requirement.ts'
import { Specifier } from '../python/specifier.ts'
import type { Candidate } from './candidates.ts'
import { choices } from './choices.ts'
import { type Decision, decisionsOf } from './decision.ts'
import type { PackageSource } from './package-source.ts'
import { type Need, type Rejection, State } from './resolver-state.ts'
import type { RootRequirement } from './root-requirement.ts'
import type { Target } from './target.ts'
import { tooHard, unsolvable } from './unsolvable.ts'
import { withoutWheels } from './without-wheels.ts'

/** What is to be resolved. */
export interface Problem {
  requirements: readonly RootRequirement[]
  /** They limit versions, and want nothing by themselves. */
  constraints: readonly RootRequirement[]
}

/** Versions that are tried before the requirements are said to be too hard. */
const MOST_STEPS = 20_000

/** Versions whose requirements are read ahead once one has not fitted. */
const AHEAD = 4

/** A decision that may be taken back. */
interface Level {
  name: string
  /** Before the decision. */
  state: State
  left: Candidate[]
  /** Names of earlier decisions that are to blame for what was ruled out here. */
  blamed: Set<string>
}

/**
 * Chooses versions: the newest first, and an older one where the newer contradicts another choice. A contradiction is taken back to the
 * latest choice that is to blame for it, not just to the one before (conflict-directed backjumping). The result depends on
 * the requirements and the index alone.
 */
export class Resolver {
  readonly #source: PackageSource
  readonly #target: Target
  readonly #signal: AbortSignal | undefined
  /** How often a package was in the way: such packages are decided early. */
  readonly #trouble = new Map<string, number>()
  readonly #rejections = new Map<string, Rejection>()
  #fromSource: ReadonlySet<string> = new Set()
  #steps = 0
  readonly #mostSteps: number

  constructor(source: PackageSource, target: Target, signal?: AbortSignal, mostSteps = MOST_STEPS) {
    this.#mostSteps = mostSteps
    this.#source = source
    this.#target = target
    this.#signal = signal
  }

  /**
   * Chooses a version of each package that is needed. Only packages without any choice of wheels are taken as source.
   * @throws {CruddurError} `PACKAGE_NOT_FOUND`, `VERSION_NOT_FOUND`, `REQUIREMENTS_CONFLICT`, `REQUIREMENTS_TOO_HARD`, `NO_WHEEL`; what the source throws
   */
  async resolve(problem: Problem): Promise<Decision[]> {
    const fromSource = new Set<string>()
    for (;;) {
      this.#fromSource = fromSource
      this.#rejections.clear()
      const found = await this.#search(problem)
      if (found) return found
      const before = fromSource.size
      for (const name of await withoutWheels(problem.requirements, this.#rejections, this.#source))
        fromSource.add(name)
      if (fromSource.size === before) throw await unsolvable(this.#rejections, this.#source, this.#target)
    }
  }

  async #search({ requirements, constraints }: Problem): Promise<Decision[] | undefined> {
    const levels: Level[] = []
    let state = new State()
    for (const { requirement, origin } of constraints)
      state.needs(requirement.name).push(need(requirement, origin))
    for (const { requirement, origin } of requirements) {
      if (!this.#applies(requirement, [])) continue
      state.want(requirement, need(requirement, origin))
    }
    if (!(await this.#allPossible(state, [...state.wanted.keys()], new Set()))) return undefined
    for (;;) {
      const name = this.#next(state)
      if (name === undefined) return decisionsOf(state)
      const left = await this.#choices(state, name)
      const blamed = new Set(state.needs(name).flatMap(({ by }) => by))
      levels.push({ name, state, left, blamed })
      const next = await this.#decide(levels)
      if (!next) return undefined
      state = next
    }
  }

  /** Decides at the latest level, or at an earlier one that is to blame when nothing is left there. */
  async #decide(levels: Level[]): Promise<State | undefined> {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      for (let candidate = level.left.shift(); candidate; candidate = level.left.shift()) {
        throwIfAborted(this.#signal)
        const next = await this.#take(level, candidate)
        if (next) return next
        // More of them are asked for at once: seldom is it only one that does not fit.
        for (const other of level.left.slice(0, AHEAD))
          void this.#source.requirements(other).catch(() => undefined)
      }
      const { name, blamed } = level
      if (this.#rejections.size === 0) this.#reject(name, level.state)
      this.#trouble.set(name, (this.#trouble.get(name) ?? 0) + 1)
      levels.pop()
      while (levels.length > 0 && !blamed.has(levels.at(-1)?.name ?? '')) levels.pop()
      const target = levels.at(-1)
      for (const other of blamed) if (other !== target?.name) target?.blamed.add(other)
    }
    return undefined
  }

  /** The state with a candidate chosen; `undefined` if that contradicts what was decided before, which is then to blame. */
  async #take(level: Level, candidate: Candidate): Promise<State | undefined> {
    this.#steps++
    if (this.#steps > this.#mostSteps) throw tooHard(this.#trouble)
    const requirements = await this.#source.requirements(candidate)
    if (requirements === 'unusable') return undefined
    const state = level.state.with(candidate, requirements ?? [])
    const touched = new Set<string>()
    const open = [candidate.name]
    for (let name = open.shift(); name !== undefined; name = open.shift()) {
      const pinned = state.pins.get(name)
      if (!pinned) continue
      const extras = state.extrasOf(name)
      for (const requirement of pinned.requirements) {
        if (pinned.followed.has(requirement) || !this.#applies(requirement, [...extras.keys()])) continue
        pinned.followed.add(requirement)
        // Who asked for extras is to blame for what these need.
        const by = [...new Set([name, candidate.name, ...[...extras.values()].flat()])]
        const from = `${name} ${pinned.candidate.version.text}`
        if (requirement.url !== undefined) return undefined
        const wish: Need = { specifier: new Specifier(requirement.specifier), from, by, parent: name }
        if (state.want(requirement, wish)) open.push(requirement.name)
        const other = state.pins.get(requirement.name)
        if (!other) touched.add(requirement.name)
        else if (!wish.specifier.allows(other.candidate.version)) {
          this.#reject(requirement.name, state)
          for (const one of [...by, requirement.name, ...state.needs(requirement.name).flatMap((n) => n.by)])
            if (one !== level.name) level.blamed.add(one)
          return undefined
        }
      }
    }
    const blamed = new Set<string>()
    if (await this.#allPossible(state, [...touched], blamed)) return state
    for (const one of blamed) if (one !== level.name) level.blamed.add(one)
    return undefined
  }

  /** Whether each package still has a choice; if not, `blamed` gets the decisions that ruled them out. */
  async #allPossible(state: State, names: readonly string[], blamed: Set<string>): Promise<boolean> {
    const counts = await Promise.all(
      names.map(async (name) => {
        const [first] = await this.#choices(state, name)
        // Asked for ahead: it is needed soon, most likely.
        if (first) void this.#source.requirements(first).catch(() => undefined)
        return first ? 1 : 0
      }),
    )
    const at = counts.indexOf(0)
    const impossible = names[at]
    if (impossible === undefined) return true
    this.#trouble.set(impossible, (this.#trouble.get(impossible) ?? 0) + 1)
    this.#reject(impossible, state)
    for (const { by } of state.needs(impossible)) for (const one of by) blamed.add(one)
    return false
  }

  /** What is decided next: what has one version only, what was in the way, then what was asked for first. */
  #next(state: State): string | undefined {
    const open = [...state.wanted.keys()].filter((name) => !state.pins.has(name))
    const rank = (name: string): number[] => [
      state.needs(name).some(({ specifier }) => specifier.isPinned) ? 0 : 1,
      -(this.#trouble.get(name) ?? 0),
      state.wanted.get(name) ?? 0,
    ]
    return open
      .map((name, index) => ({ name, rank: [...rank(name), index] }))
      .toSorted((a, b) => compareRanks(a.rank, b.rank))[0]?.name
  }

  async #choices(state: State, name: string): Promise<Candidate[]> {
    return choices(await this.#source.candidates(name), state.needs(name), this.#fromSource.has(name))
  }

  #applies({ marker }: Requirement, extras: string[]): boolean {
    return marker === undefined || holds(marker, this.#target.environment, { extras })
  }

  #reject(name: string, state: State): void {
    // The latest at the end: that is what is told when there is no way at all.
    this.#rejections.delete(name)
    this.#rejections.set(name, { name, needs: [...state.needs(name)] })
  }
}

function need({ specifier }: Requirement, from: string): Need {
  return { specifier: new Specifier(specifier), from, by: [], parent: undefined }
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
