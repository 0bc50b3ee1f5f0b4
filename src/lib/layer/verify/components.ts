import type { LayerContext } from './layer-context.ts'
import { packagePath } from './package-paths.ts'

/** What one package, or what belongs to none, takes of a layer. */
export interface Component {
  /** The package's name, or the folder or file that belongs to none. */
  name: string
  version: string | undefined
  files: number
  /** Bytes unzipped. */
  size: number
  /** Bytes in the zip; `undefined` for a folder. */
  compressedSize: number | undefined
}

/** The parts of a layer, the largest first. */
export function layerComponents({ tree, ownerOf }: Pick<LayerContext, 'tree' | 'ownerOf'>): Component[] {
  const components = new Map<string, Component>()
  for (const { path, size, compressedSize } of tree.files) {
    const owner = ownerOf(path)
    const inside = packagePath(path)?.inside ?? path
    const name = owner?.name ?? inside.split('/', 1)[0] ?? ''
    const key = `${name} ${owner?.version ?? ''}`
    const known = components.get(key)
    const before: Component = known ?? {
      name,
      version: owner?.version,
      files: 0,
      size: 0,
      compressedSize: tree.kind === 'zip' ? 0 : undefined,
    }
    before.files += 1
    before.size += size
    if (before.compressedSize !== undefined) before.compressedSize += compressedSize ?? 0
    if (known === undefined) components.set(key, before)
  }
  return [...components.values()].toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))
}
