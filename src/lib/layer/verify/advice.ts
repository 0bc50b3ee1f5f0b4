import type { Runtime } from '../runtimes.ts'
import type { LayerContext } from './layer-context.ts'

/** What kind of other build is wanted. */
export interface AdviceOptions {
  runtime: Runtime
  /** Whether an older version of the package is what may help. */
  older?: boolean
}

/** The words that say how to get a file's package in a build that fits: `build … again: cruddur layer build …`. */
export function advice(layer: LayerContext, path: string, { runtime, older = false }: AdviceOptions): string {
  const owner = layer.ownerOf(path)
  const options = `--python ${runtime.python} --arch ${layer.arch.name}`
  if (owner === undefined) return `build the layer for it: cruddur layer build ${options}`
  if (older)
    return `take an older ${owner.name} whose wheel fits: cruddur layer build "${owner.name}<${owner.version}" ${options}`
  return `build it for the target: cruddur layer build ${owner.name}==${owner.version} ${options}`
}

/** `, being part of numpy 2.4.6`; nothing for a file of no package. */
export function packageLabel(layer: LayerContext, path: string): string {
  const owner = layer.ownerOf(path)
  return owner === undefined ? '' : ` (${owner.name} ${owner.version})`
}

/** The message of Python when a module is not there, as the log of a function shows it. */
export function noModule(module: string): string {
  return `Runtime.ImportModuleError: Unable to import module 'app': No module named '${module}'`
}
