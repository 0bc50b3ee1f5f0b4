import { extensionSuffix } from '../../architectures.ts'
import type { Runtime } from '../../runtimes.ts'
import { advice, noModule, packageLabel } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import { groupBy } from '../group-by.ts'
import type { LayerContext } from '../layer-context.ts'
import { type ExtensionName, extensionName, packagePath } from '../package-paths.ts'
import type { InstalledPackage } from '../packages.ts'

/** Whether extension modules and packages are for the Python of the runtimes. */
export function checkAbi(layer: LayerContext): Finding[] {
  return [...extensions(layer), ...layer.packages.flatMap((one) => wheelTags(layer, one))]
}

/** An extension module's file. */
interface Extension {
  path: string
  name: ExtensionName
}

function extensions(layer: LayerContext): Finding[] {
  const odd = new Set(layer.odd.map(({ file }) => file.path))
  const all = layer.tree.files.flatMap(({ path }): Extension[] => {
    // A file that is no library of Linux is told of already.
    const name =
      path.endsWith('.so') && !odd.has(path) ? extensionName(packagePath(path)?.inside ?? '') : undefined
    return name && name.tag !== '' && name.tag !== 'abi3' ? [{ path, name }] : []
  })
  const byModule = groupBy(all, ({ name }) => name.module)
  return all.flatMap((one) => {
    const lost = layer.runtimes.filter((runtime) => !fits(layer, runtime, one.path))
    // A module may be there several times, once for each Python.
    const others = byModule.get(one.name.module) ?? []
    const unserved = lost.filter((runtime) => !others.some(({ path }) => fits(layer, runtime, path)))
    // A name of the right Python and the wrong processor is told of by the machine.
    const isAboutPython = unserved.some(
      ({ python }) =>
        !one.name.tag.startsWith(`cpython-${python.replace('.', '')}-`) || isOtherSystem(one.name.tag),
    )
    return isAboutPython ? [wrongAbi(layer, one, unserved)] : []
  })
}

function isOtherSystem(tag: string): boolean {
  return !tag.endsWith('-linux-gnu')
}

function fits({ arch }: LayerContext, runtime: Runtime, path: string): boolean {
  return path.endsWith(extensionSuffix(runtime, arch))
}

function wrongAbi(layer: LayerContext, { path, name }: Extension, unserved: readonly Runtime[]): Finding {
  const runtime = unserved[0] as Runtime
  const isForSome = unserved.length < layer.runtimes.length
  return finding(isForSome ? 'abi-several-runtimes' : 'abi-tag', {
    file: path,
    reason: `it is for ${name.tag}${packageLabel(layer, path)}; ${unserved.map((one) => one.name).join(', ')} looks for ${name.module.split('.').at(-1)}${extensionSuffix(runtime, layer.arch)}.`,
    remedy: isForSome
      ? `Publish one layer for each runtime, or declare only ${layer.runtimes
          .filter((one) => !unserved.includes(one))
          .map((one) => one.name)
          .join(', ')}.`
      : `Installed for another Python; ${advice(layer, path, { runtime })}.`,
    production: noModule(name.module),
    details: {
      found: name.tag,
      wanted: extensionSuffix(runtime, layer.arch),
      runtimes: unserved.map((one) => one.name),
    },
  })
}

/** What WHEEL says: `cp312-abi3` needs 3.12 or newer, whatever the names of its files. */
function wheelTags(layer: LayerContext, one: InstalledPackage): Finding[] {
  const floors = one.tags.flatMap((tag) => {
    const [, minor] = /^cp3(\d+)-abi3-/.exec(tag) ?? []
    return minor === undefined ? [] : [Number(minor)]
  })
  if (floors.length === 0) return []
  const floor = Math.min(...floors)
  const tooOld = layer.runtimes.filter(({ python }) => Number(python.split('.')[1]) < floor)
  if (tooOld.length === 0) return []
  const extension = layer.elf.find(
    ({ file }) => layer.ownerOf(file.path) === one && file.path.endsWith('.abi3.so'),
  )
  const path = extension?.file.path ?? one.distInfo
  return [
    finding('abi3-floor', {
      file: path,
      reason: `${one.name} ${one.version} is for Python 3.${floor} or newer (cp3${floor}-abi3); the layer is for ${tooOld.map(({ name }) => name).join(', ')}.`,
      remedy: `Use python3.${floor} or newer, or ${advice(layer, path, { runtime: tooOld[0] as Runtime, older: true })}.`,
      production: `ImportError: /opt/${path}: undefined symbol: Py…`,
      details: { floor: `3.${floor}`, tags: one.tags },
    }),
  ]
}
