import type { Architecture } from '../architectures.ts'
import type { Runtime } from '../runtimes.ts'
import { type WheelName, wheelTags } from './wheel-name.ts'

/** Names that manylinux had before it was called by glibc's version, and the 2.N that they stand for (PEP 600, legacy tags). */
const LEGACY: ReadonlyMap<number, string> = new Map([
  [17, 'manylinux2014'],
  [12, 'manylinux2010'],
  [5, 'manylinux1'],
])

/** The first Python 3 with an ABI that later ones keep (PEP 384). */
const OLDEST_ABI3 = 2

/**
 * The platform tags of wheels that a runtime can load, the most special first: every glibc from its own down, not only those that
 * have a name of their own. Most tools leave some of them out, and then do not find wheels that work.
 */
export function platformTags({ glibc: [, newest] }: Pick<Runtime, 'glibc'>, arch: Architecture): string[] {
  const tags: string[] = []
  for (let minor = newest; minor >= arch.oldestGlibc; minor--) {
    tags.push(`manylinux_2_${minor}_${arch.wheel}`)
    const legacy = LEGACY.get(minor)
    if (legacy !== undefined) tags.push(`${legacy}_${arch.wheel}`)
  }
  return [...tags, `linux_${arch.wheel}`]
}

/**
 * The tags of wheels that a runtime can import, the best first, in the order in which pip prefers them
 * (PyPA, "Platform compatibility tags").
 */
export function supportedTags(runtime: Pick<Runtime, 'python' | 'glibc'>, arch: Architecture): string[] {
  const minor = Number(runtime.python.split('.')[1])
  const own = `cp3${minor}`
  const platforms = platformTags(runtime, arch)
  const onPlatforms = (python: string, abi: string) =>
    platforms.map((platform) => `${python}-${abi}-${platform}`)
  const pythons = [`py3${minor}`, 'py3', ...minorsDown(minor - 1, 0).map((older) => `py3${older}`)]
  return [
    ...[own, 'abi3', 'none'].flatMap((abi) => onPlatforms(own, abi)),
    ...minorsDown(minor - 1, OLDEST_ABI3).flatMap((older) => onPlatforms(`cp3${older}`, 'abi3')),
    ...pythons.flatMap((python) => onPlatforms(python, 'none')),
    `${own}-none-any`,
    ...pythons.map((python) => `${python}-none-any`),
  ]
}

/** Whole numbers from one down to another. */
function minorsDown(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index)
}

/** Says how well wheels suit a runtime. */
export class TagRanking {
  readonly #ranks: ReadonlyMap<string, number>

  /** @param tags the best first */
  constructor(tags: readonly string[]) {
    this.#ranks = new Map(tags.map((tag, rank) => [tag, rank]))
  }

  /** The rank of a wheel's best tag, 0 for the best of all; `undefined` when the runtime cannot import it. */
  rankOf(wheel: WheelName): number | undefined {
    const ranks = wheelTags(wheel)
      .map((tag) => this.#ranks.get(tag))
      .filter((rank) => rank !== undefined)
    return ranks.length === 0 ? undefined : Math.min(...ranks)
  }

  /** The wheel that pip would take: of the best rank, and of those with the highest build tag; `undefined` when none suits. */
  best(wheels: readonly WheelName[]): WheelName | undefined {
    return wheels
      .flatMap((wheel) => {
        const rank = this.rankOf(wheel)
        return rank === undefined ? [] : [{ wheel, rank }]
      })
      .toSorted((a, b) => a.rank - b.rank || compareBuilds(b.wheel, a.wheel))[0]?.wheel
  }
}

/** No build tag counts as the lowest. */
function compareBuilds({ build: a }: WheelName, { build: b }: WheelName): number {
  const [[first, firstRest], [second, secondRest]] = [a ?? [-1, ''], b ?? [-1, '']]
  return first - second || (firstRest < secondRest ? -1 : Number(firstRest > secondRest))
}
