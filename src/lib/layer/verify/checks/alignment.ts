import { loaderObjection } from '../../elf/alignment.ts'
import { advice } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext, LayerElf } from '../layer-context.ts'
import { inOpt } from '../link/search-path.ts'

/**
 * Whether the loader can map files into memory. `strip` and patchelf one after the other leave files that it cannot.
 */
export function checkAlignment(layer: LayerContext): Finding[] {
  return layer.elf.flatMap((one) => {
    // The kernel maps programs, by rules of its own.
    if (one.elf.interpreter !== undefined) return []
    const words = one.elf.loadSegments.map(loaderObjection).find((text) => text !== undefined)
    return words === undefined ? [] : [misaligned(layer, one, words)]
  })
}

function misaligned(layer: LayerContext, { file, elf }: LayerElf, words: string): Finding {
  const again = advice(layer, file.path, { runtime: layer.runtimes[0] })
  return finding('elf-alignment', {
    file: file.path,
    reason: 'a part of it cannot be mapped into memory, as after stripping a file that patchelf has changed.',
    remedy: `Take the file as it is in its wheel, not stripped; ${again}.`,
    production: `ImportError: ${inOpt(file.path)}: ${words}`,
    details: { segments: elf.loadSegments.map(({ offset, address, align }) => ({ offset, address, align })) },
  })
}
