import { basename, dirname, join, resolve } from 'node:path'
import { findArchitecture, ARCHITECTURES } from '../architectures.ts'
import { requireLayerName } from '../lambda/layer-arn.ts'
import { layerJsonPath } from '../newest-layer.ts'
import type { IndexSettings } from '../resolve/index-client.ts'
import { type Inputs, readInputs } from '../resolve/inputs.ts'
import { type Target, targetOf } from '../resolve/target.ts'
import { DEFAULT_PYTHON, findRuntime } from '../runtimes.ts'
import type { LayerLayout } from '../wheel/place-wheel.ts'
import { buildKey, resolutionKey } from './build-key.ts'
import type { BuilderName, BuildOptions } from './build-options.ts'
import { defaultName } from './default-name.ts'
import { deprecation } from './deprecation.ts'

/** A build as it was asked for, with everything that can be told without the network. */
export interface BuildPlan {
  options: BuildOptions
  inputs: Inputs
  target: Target
  index: IndexSettings
  name: string
  /** Path of the zip. */
  zip: string
  /** Path of the file beside it. */
  json: string
  layout: LayerLayout
  builder: BuilderName
  prune: boolean
  keep: readonly string[]
  strip: boolean
  resolutionKey: string
  key: string
  warnings: string[]
  /** When it began, by `performance.now()`. */
  started: number
}

/**
 * Reads what is asked for, and decides what the layer is called and where it goes.
 * @throws {UsageError} `UNKNOWN_RUNTIME`, `UNKNOWN_ARCHITECTURE`, `LAYER_NAME_INVALID`; what `readInputs` throws
 */
export function planBuild(options: BuildOptions): BuildPlan {
  const { directory, layout = 'python', builder = 'auto', prune = true, strip = false, index = {} } = options
  const started = performance.now()
  const runtime = findRuntime(options.python ?? DEFAULT_PYTHON)
  const architecture = findArchitecture(options.arch ?? ARCHITECTURES[0].name)
  const target = targetOf(runtime, architecture)
  const inputs = readInputs({ ...options, target: target.environment })
  const keep = [...(options.keep ?? [])].toSorted()
  const name =
    options.name === undefined
      ? defaultName(namedAfter(inputs, options), runtime.python, architecture.name)
      : requireLayerName(options.name)
  const zip = join(resolve(directory, options.out), `${name}.zip`)
  const resolution = resolutionKey({
    inputs,
    target,
    index,
    resolver: options.resolver ?? 'auto',
    builder,
    image: options.image,
  })
  return {
    options,
    inputs,
    target,
    index,
    name,
    zip,
    json: layerJsonPath(zip),
    layout,
    builder,
    prune,
    keep,
    strip,
    resolutionKey: resolution,
    key: buildKey(resolution, { tool: options.tool, layout, prune, keep, strip }),
    warnings: [
      ...(inputs.kind === 'lock' ? [] : inputs.ignored.map((option) => `${option} means nothing here.`)),
      deprecation(runtime, (options.now ?? (() => new Date()))()),
    ].filter((text) => text !== undefined),
    started,
  }
}

function namedAfter(inputs: Inputs, { directory, project }: BuildOptions) {
  const asked = inputs.kind === 'lock' || inputs.files.length > 0 ? [] : inputs.requirements
  const [file] = inputs.files
  const folder = file === undefined ? undefined : dirname(file)
  return {
    packages: asked.map(({ requirement }) => requirement.name),
    folder: folder !== undefined && basename(dirname(folder)) === 'layers' ? basename(folder) : undefined,
    project: project ?? basename(resolve(directory)),
  }
}
