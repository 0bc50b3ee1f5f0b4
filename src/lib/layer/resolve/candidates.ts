import { compareVersions, parseVersion, type Version } from '../python/version.ts'
import { Specifier } from '../python/specifier.ts'
import { normalizeName } from '../python/package-name.ts'
import { parseWheelName, type WheelName } from '../wheel/wheel-name.ts'
import type { IndexFile } from './index-file.ts'
import type { Target } from './target.ts'

/** One version of a package, and what there is of it. */
export interface Candidate {
  name: string
  version: Version
  /** The wheel that the target would get; `undefined` if none fits. */
  wheel: IndexFile | undefined
  /** All wheels, for whatever machine. */
  wheels: readonly IndexFile[]
  /** The source package; `undefined` if there is none. */
  source: IndexFile | undefined
  /** Whether its authors took all files of it back. */
  yanked: boolean
}

const SOURCE = /\.(?:tar\.gz|tgz|zip|tar\.bz2|tar\.xz)$/i

/**
 * Puts the files of a package together by version.
 * @param hashes SHA-256 of the files that may be taken; `undefined` for any
 * @returns the newest first
 */
export function candidatesOf(
  name: string,
  files: readonly IndexFile[],
  target: Target,
  hashes?: ReadonlySet<string>,
): Candidate[] {
  const pythonFits = pythonFilter(target)
  const byVersion = new Map<
    string,
    { version: Version; wheels: Map<WheelName, IndexFile>; source?: IndexFile }
  >()
  for (const file of files) {
    if (hashes && (file.sha256 === undefined || !hashes.has(file.sha256))) continue
    if (!pythonFits(file.requiresPython)) continue
    const read = readName(file.fileName, name)
    const version = read && parseVersion(read.version)
    if (!version) continue
    const key = keyOf(version)
    const group = byVersion.get(key) ?? { version, wheels: new Map<WheelName, IndexFile>() }
    if (read.wheel) group.wheels.set(read.wheel, file)
    else group.source ??= file
    byVersion.set(key, group)
  }
  return [...byVersion.values()]
    .map(({ version, wheels, source }): Candidate => {
      const all = [...wheels.values(), ...(source ? [source] : [])]
      // A wheel that was taken back is the choice only where nothing else is left.
      const sound = [...wheels].filter(([, file]) => !file.yanked)
      const choice = sound.length > 0 ? new Map(sound) : wheels
      const best = target.tags.best([...choice.keys()])
      return {
        name,
        version,
        wheel: best && choice.get(best),
        wheels: [...wheels.values()],
        source,
        yanked: all.every(({ yanked }) => yanked),
      }
    })
    .toSorted((a, b) => compareVersions(b.version, a.version))
}

/** Judges `requires-python`, of which there are few different ones in thousands of files. */
function pythonFilter({ python }: Target): (requiresPython: string | undefined) => boolean {
  const known = new Map<string, boolean>()
  const own = parseVersion(python)
  return (requiresPython) => {
    if (requiresPython === undefined || !own) return true
    const seen = known.get(requiresPython)
    if (seen !== undefined) return seen
    let fits = true
    try {
      fits = new Specifier(requiresPython).allows(own)
    } catch {
      // Old packages have nonsense there, e.g. `>=2.7.*`; pip takes them as well.
    }
    known.set(requiresPython, fits)
    return fits
  }
}

function readName(fileName: string, name: string): { version: string; wheel?: WheelName } | undefined {
  if (/\.whl$/i.test(fileName)) {
    try {
      const wheel = parseWheelName(fileName)
      return wheel.name === name ? { version: wheel.version, wheel } : undefined
    } catch {
      return undefined
    }
  }
  if (!SOURCE.test(fileName)) return undefined
  const stem = fileName.replace(SOURCE, '')
  // Names and versions may both have hyphens in old packages: the name is known.
  for (let at = stem.indexOf('-'); at !== -1; at = stem.indexOf('-', at + 1))
    if (normalizeName(stem.slice(0, at)) === name) return { version: stem.slice(at + 1) }
  return undefined
}

function keyOf({ epoch, release, pre, post, dev, local }: Version): string {
  return JSON.stringify([epoch, release, pre, post, dev, local])
}
