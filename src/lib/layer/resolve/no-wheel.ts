import { ARCHITECTURES } from '../architectures.ts'
import { RUNTIMES } from '../runtimes.ts'
import { supportedTags, TagRanking } from '../wheel/tags.ts'
import { parseWheelName, type WheelName } from '../wheel/wheel-name.ts'
import type { Candidate } from './candidates.ts'
import { describeTarget, type Target } from './target.ts'

/** Why a version has no wheel for a target, and what would have one. */
export interface NoWheel {
  /** For people. */
  why: string
  /** The tags of the wheels that there are for Linux, e.g. `cp311-manylinux_2_28_x86_64`. */
  tags: string[]
  /** What could use one of the wheels: `python3.12 on arm64`, … */
  fits: string[]
}

/** Most tags that a message lists. */
const MOST_TAGS = 6

/** Says why no wheel of a version fits. */
export function explainNoWheel({ name, version, wheels }: Candidate, target: Target): NoWheel {
  const names = wheels.map(({ fileName }) => parseWheelName(fileName))
  const fitting = RUNTIMES.flatMap((runtime) =>
    ARCHITECTURES.filter(
      (architecture) => new TagRanking(supportedTags(runtime, architecture)).best(names) !== undefined,
    ).map((architecture) => ({ architecture, text: `${runtime.name} on ${architecture.name}` })),
  )
  // What is nearest to what is wanted: another Python on the same architecture.
  const same = fitting.filter(({ architecture }) => architecture === target.architecture)
  const fits = (same.length > 0 ? same : fitting).map(({ text }) => text)
  const tags = linuxTags(names)
  const own = tags.filter((tag) => tag.startsWith(ownPython(target)) && !tag.includes('musl'))
  const near = own.filter((tag) => tag.endsWith(target.architecture.wheel))
  const shown = near.length > 0 ? near : own.length > 0 ? own : tags
  const more = shown.length > MOST_TAGS ? ` and ${shown.length - MOST_TAGS} more` : ''
  const there =
    wheels.length === 0
      ? 'there are none at all'
      : shown.length === 0
        ? 'there are some for other systems only'
        : `there is ${shown.slice(0, MOST_TAGS).join(', ')}${more}`
  return { why: `no wheel of ${name} ${version.text} is for ${describeTarget(target)}: ${there}`, tags, fits }
}

function ownPython({ runtime }: Target): string {
  return `cp${runtime.python.replace('.', '')}-`
}

function linuxTags(names: readonly WheelName[]): string[] {
  const tags = names.flatMap(({ pythons, platforms }) =>
    platforms
      .filter((platform) => platform.includes('linux') || platform === 'any')
      .flatMap((platform) => pythons.map((python) => `${python}-${platform}`)),
  )
  return [...new Set(tags)].toSorted()
}
