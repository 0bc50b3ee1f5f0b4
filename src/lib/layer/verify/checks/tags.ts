import { compareNumbers, newestByFamily, parseSymbolVersion } from '../../elf/versions.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext } from '../layer-context.ts'
import type { InstalledPackage } from '../packages.ts'

/** The glibc that old names of manylinux stand for (PEP 513, PEP 571, PEP 599). */
const LEGACY: Readonly<Record<string, readonly number[]>> = {
  manylinux1: [2, 5],
  manylinux2010: [2, 12],
  manylinux2014: [2, 17],
}

/** What the tags of wheels say against what the symbols in their files need. Files decide; tags are only told of. */
export function checkTags(layer: LayerContext): Finding[] {
  return layer.packages.flatMap((one) => {
    const promised = promisedGlibc(one)
    const needed = neededGlibc(layer, one)
    if (promised === undefined || needed === undefined) return []
    const runtime = layer.runtimes[0]
    const [tag, glibc] = promised
    if (compareNumbers(needed.numbers, glibc) > 0)
      return [
        finding('tag-too-old', {
          file: needed.file,
          reason: `the tag of ${one.name} ${one.version} says ${tag} (glibc ${glibc.join('.')}), its symbols need ${needed.name}.`,
          remedy:
            'Go by what the files need; installers go by the tag, and take this wheel where it does not work.',
          details: { package: one.name, tag, needs: needed.name },
        }),
      ]
    if (
      runtime &&
      compareNumbers(glibc, runtime.glibc) > 0 &&
      compareNumbers(needed.numbers, runtime.glibc) <= 0
    )
      return [
        finding('tag-too-new', {
          file: one.distInfo,
          reason: `the tag of ${one.name} ${one.version} says ${tag}, which pip refuses for ${runtime.name}; its symbols need ${needed.name} only.`,
          details: { package: one.name, tag, needs: needed.name },
        }),
      ]
    return []
  })
}

/** The oldest glibc that a wheel's tags promise to work with. */
function promisedGlibc({ tags }: InstalledPackage): [tag: string, glibc: readonly number[]] | undefined {
  return tags
    .flatMap((tag): [string, readonly number[]][] => {
      const platform = tag.split('-').at(-1) ?? ''
      const [, major, minor] = /^manylinux_(\d+)_(\d+)_/.exec(platform) ?? []
      const legacy = /^manylinux\d+/.exec(platform)?.[0]
      const glibc = major === undefined ? LEGACY[legacy ?? ''] : [Number(major), Number(minor)]
      return glibc ? [[platform.replace(/_(?:x86_64|aarch64)$/, ''), glibc]] : []
    })
    .toSorted(([, a], [, b]) => compareNumbers(a, b))[0]
}

function neededGlibc(
  { elf, ownerOf, arch }: LayerContext,
  one: InstalledPackage,
): { name: string; numbers: readonly number[]; file: string } | undefined {
  return elf
    .filter((read) => read.elf.machine === arch.elfMachine && ownerOf(read.file.path) === one)
    .flatMap(({ file, elf: { versionNeeds } }) => {
      const names = versionNeeds.flatMap(({ versions }) => versions.map(({ name }) => name))
      const name = newestByFamily(names)['GLIBC']
      const numbers = name === undefined ? undefined : parseSymbolVersion(name)?.numbers
      return name !== undefined && numbers ? [{ name, numbers, file: file.path }] : []
    })
    .toSorted((a, b) => compareNumbers(b.numbers, a.numbers))[0]
}
