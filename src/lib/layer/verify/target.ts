import { ARCHITECTURES, type Architecture, findArchitecture } from '../architectures.ts'
import { DEFAULT_PYTHON, findRuntime, RUNTIMES } from '../runtimes.ts'
import type { LayerContents, Runtimes } from './layer-context.ts'
import { layerJsonTarget } from './layer-json-target.ts'
import { extensionName, packagePath } from './package-paths.ts'
import type { LayerTree } from './tree/layer-tree.ts'

/** Where it is known from what a layer is for; of a published one, the functions that use it, or what its version says. */
export type TargetSource = 'options' | 'functions' | 'version' | 'layer.json' | 'layer' | 'default'

/** What a layer is judged for. */
export interface LayerTarget {
  runtimes: Runtimes
  runtimesFrom: TargetSource
  arch: Architecture
  archFrom: TargetSource
}

/** What a layer is said to be for, and by whom: by the caller when it is not told. */
export interface WantedTarget {
  pythons?: readonly string[] | undefined
  pythonsFrom?: TargetSource | undefined
  arch?: string | undefined
  archFrom?: TargetSource | undefined
}

/**
 * Decides for which runtimes and architecture a layer is judged: as said, else as the file beside the zip says, else as most of
 * the layer's own files are made.
 * @throws {UsageError} `UNKNOWN_RUNTIME`, `UNKNOWN_ARCHITECTURE`
 * @throws {CruddurError} `LAYER_JSON_INVALID`
 */
export function chooseTarget(tree: LayerTree, contents: LayerContents, wanted: WantedTarget): LayerTarget {
  const json = tree.kind === 'zip' ? layerJsonTarget(tree.path) : undefined
  const [pythons, runtimesFrom] = first<readonly string[]>(
    [
      [wanted.pythons, wanted.pythonsFrom ?? 'options'],
      [json?.pythons, 'layer.json'],
      [pythonsOf(tree, contents), 'layer'],
    ],
    (list) => list.length > 0,
    [DEFAULT_PYTHON],
  )
  const [arch, archFrom] = first<string>(
    [
      [wanted.arch, wanted.archFrom ?? 'options'],
      [json?.arch, 'layer.json'],
      [archOf(contents), 'layer'],
    ],
    () => true,
    ARCHITECTURES[0].name,
  )
  const [runtime = findRuntime(DEFAULT_PYTHON), ...others] = new Set(pythons.map(findRuntime))
  return { runtimes: [runtime, ...others], runtimesFrom, arch: findArchitecture(arch), archFrom }
}

function first<Value>(
  offers: readonly (readonly [Value | undefined, TargetSource])[],
  isGood: (value: Value) => boolean,
  otherwise: Value,
): [Value, TargetSource] {
  for (const [value, source] of offers) if (value !== undefined && isGood(value)) return [value, source]
  return [otherwise, 'default']
}

/** The Python that most extension modules are made for, else the one whose site-packages are there. */
function pythonsOf(tree: LayerTree, { elf }: LayerContents): string[] {
  const byTag = elf.map(({ file }) => {
    const tag = extensionName(packagePath(file.path)?.inside ?? '')?.tag ?? ''
    return /^cpython-3(\d+)/.exec(tag)?.[1]
  })
  const byFolder = tree.files.map(({ path }) => packagePath(path)?.python?.replace(/^3\./, ''))
  const minor = mostOf(byTag) ?? mostOf(byFolder)
  return RUNTIMES.map(({ python }) => python).filter((python) => python === `3.${minor}`)
}

function archOf({ elf }: LayerContents): string | undefined {
  const machine = mostOf(elf.map(({ elf: { machine: one } }) => one))
  return ARCHITECTURES.find(({ elfMachine }) => elfMachine === machine)?.name
}

/** The value that is there most often; of those that are equally often, the one that comes first. */
function mostOf<Value>(values: readonly (Value | undefined)[]): Value | undefined {
  const counts = new Map<Value, number>()
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}
