import { compareNumbers, exceeds, newestByFamily, parseSymbolVersion } from '../../elf/versions.ts'
import { type Ceilings, type Runtime, RUNTIMES } from '../../runtimes.ts'
import { advice, packageLabel } from '../advice.ts'
import type { FindingId } from '../finding-table.ts'
import { finding, type Finding } from '../findings.ts'
import { groupBy } from '../group-by.ts'
import type { LayerContext, LayerElf } from '../layer-context.ts'
import { linkLayer } from '../link/link-layer.ts'
import type { Loaded } from '../link/linker.ts'
import { RUNTIME_LIBRARY_FOLDER } from '../link/runtime-libraries.ts'
import { inOpt } from '../link/search-path.ts'

/** The finding and the library by what a symbol version begins with. */
const FAMILIES: Readonly<Record<keyof Ceilings, readonly [id: FindingId, library: string]>> = {
  GLIBC: ['glibc-version', 'glibc'],
  GLIBCXX: ['libstdcxx-version', 'libstdc++'],
  CXXABI: ['libstdcxx-version', 'libstdc++'],
  GCC: ['libgcc-version', 'libgcc'],
  ZLIB: ['zlib-version', 'zlib'],
}

/** A symbol version that what was found does not have. */
interface Lack {
  library: string
  version: string
  /** The file in the layer that was found; `undefined` for the runtime's library. */
  found: LayerElf | undefined
  weak: boolean
}

/** Symbol versions: against the runtime's libraries by the newest they have, against those in the layer by what they define. */
export function checkSymbols(layer: LayerContext): Finding[] {
  return linkLayer(layer).flatMap(({ runtime, results }) => {
    const lacks = new Map<LayerElf, Lack[]>()
    for (const { loaded, byName } of results)
      for (const { file } of loaded)
        if (file && !lacks.has(file)) lacks.set(file, lacksOf(file, byName, runtime))
    return [...lacks].flatMap(([file, list]) => judge(layer, runtime, file, list))
  })
}

function judge(layer: LayerContext, runtime: Runtime, file: LayerElf, lacks: readonly Lack[]): Finding[] {
  const inLayer = lacks.filter(({ found }) => found).map((lack) => ofLayer(file, lack))
  return [...ofRuntime(layer, runtime, file, lacks), ...inLayer, ...privateSymbols(file)]
}

function lacksOf({ elf }: LayerElf, byName: ReadonlyMap<string, Loaded>, runtime: Runtime): Lack[] {
  return elf.versionNeeds.flatMap(({ library, versions }) => {
    const found = byName.get(library)
    const defined = found?.file?.elf.versionDefinitions ?? []
    const lacking = versions.filter(({ name }) =>
      found?.file
        ? // A library without versions is taken as it is: the loader only warns.
          defined.length > 0 && !defined.some((one) => one.name === name)
        : found?.runtime !== undefined && exceeds(name, runtime.ceilings),
    )
    return lacking.map(({ name, weak }) => ({ library, version: name, found: found?.file, weak }))
  })
}

/** One finding for each of the runtime's libraries that is too old. */
function ofRuntime(
  layer: LayerContext,
  runtime: Runtime,
  { file }: LayerElf,
  lacks: readonly Lack[],
): Finding[] {
  const groups = groupBy(
    lacks.filter(({ found }) => found === undefined),
    ({ version }) => FAMILIES[(parseSymbolVersion(version)?.family ?? 'GLIBC') as keyof Ceilings],
  )
  return [...groups].flatMap(([[id, library], group]) => {
    const strong = group.filter(({ weak }) => !weak)
    const shown = strong[0] ?? group[0]
    if (shown === undefined) return []
    const newest = newestByFamily(group.map(({ version }) => version))
    const needs = Object.values(newest).join(' and ')
    const has = Object.keys(newest)
      .map((family) => `${family}_${runtime.ceilings[family as keyof Ceilings]}`)
      .join(' and ')
    return finding(id, {
      ...(strong.length === 0 ? { severity: 'warning' } : {}),
      file: file.path,
      reason: `it needs ${needs}${packageLabel(layer, file.path)}; ${library} of ${runtime.name} has ${has} at most.`,
      remedy: remedyFor(layer, runtime, file.path, group),
      production: notFound(shown, file.path),
      details: {
        runtime: runtime.name,
        needs: group.map(({ version }) => version),
        has: runtime.ceilings,
        library: shown.library,
      },
    })
  })
}

/** The loader's words; for a weak version they are a warning. */
function notFound({ library, version, weak }: Lack, path: string): string {
  const [error, kind] = weak ? ['', 'weak version'] : ['ImportError: ', 'version']
  return `${error}${RUNTIME_LIBRARY_FOLDER}/${library}: ${kind} \`${version}' not found (required by ${inOpt(path)})`
}

function remedyFor(layer: LayerContext, runtime: Runtime, path: string, lacks: readonly Lack[]): string {
  const newer = RUNTIMES.find(
    ({ glibc, ceilings }) =>
      compareNumbers(glibc, runtime.glibc) > 0 && lacks.every(({ version }) => !exceeds(version, ceilings)),
  )
  const otherVersion = advice(layer, path, { runtime, older: true })
  return newer ? `Use ${newer.name} or newer, or ${otherVersion}.` : `No runtime has it yet: ${otherVersion}.`
}

function ofLayer({ file }: LayerElf, { version, found, weak }: Lack): Finding {
  const library = found?.file.path ?? ''
  return finding('library-version', {
    ...(weak ? { severity: 'warning' } : {}),
    file: file.path,
    reason: `it needs ${version} of ${library}, which does not define it.`,
    remedy: 'The two come from different builds: install the packages that they are of again, together.',
    production: `ImportError: ${inOpt(library)}: version \`${version}' not found (required by ${inOpt(file.path)})`,
    details: { version, library },
  })
}

function privateSymbols({ file, elf }: LayerElf): Finding[] {
  const names = elf.versionNeeds.flatMap(({ versions }) => versions.map(({ name }) => name))
  if (!names.includes('GLIBC_PRIVATE')) return []
  return [
    finding('private-symbols', {
      file: file.path,
      reason:
        'it uses symbols that glibc keeps to itself (GLIBC_PRIVATE), which differ between its releases.',
      remedy: 'Leave out libraries of the system it was built on: they must be those of the runtime.',
    }),
  ]
}
