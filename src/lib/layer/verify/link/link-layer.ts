import type { Runtime } from '../../runtimes.ts'
import { extensionName, packagePath } from '../package-paths.ts'
import type { LayerContext, LayerElf } from '../layer-context.ts'
import { isLoadable, Linker, linkRoots, type LinkResult } from './linker.ts'
import { runtimeLibraries } from './runtime-libraries.ts'

/** What came of loading each file of a layer in one runtime. */
export interface LayerLinks {
  runtime: Runtime
  results: readonly LinkResult[]
}

const KNOWN = new WeakMap<LayerContext, LayerLinks[]>()

/** Loads all that can be loaded by itself, in each runtime; what nothing led to is tried by itself as well. Done once per layer. */
export function linkLayer(layer: LayerContext): LayerLinks[] {
  const known = KNOWN.get(layer)
  if (known) return known
  const links = layer.runtimes.map((runtime) => ({ runtime, results: linkIn(layer, runtime) }))
  KNOWN.set(layer, links)
  return links
}

function linkIn({ elf, tree, arch }: LayerContext, runtime: Runtime): LinkResult[] {
  const right = elf.filter((one) => one.elf.machine === arch.elfMachine && one.elf.bits === 64)
  const libraries = runtimeLibraries(runtime, arch)
  const linker = new Linker({ elf: right, links: tree.links, libraries, arch })
  const roots = linkRoots(right, isTaggedExtension)
  const results = roots.map((root) => linker.load(root))
  const reached = new Set(results.flatMap(filesOf))
  for (const one of right) {
    if (reached.has(one) || !isLoadable(one.elf)) continue
    const result = linker.load(one)
    results.push(result)
    for (const file of filesOf(result)) reached.add(file)
  }
  return results
}

function filesOf({ loaded }: LinkResult): LayerElf[] {
  return loaded.flatMap(({ file }) => file ?? [])
}

/** Whether Python imports a file as a module by its name; a bare `.so` may as well be a library. */
export function isTaggedExtension(path: string): boolean {
  return (extensionName(packagePath(path)?.inside ?? '')?.tag ?? '') !== ''
}
