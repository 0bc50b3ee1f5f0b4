import { ARCHITECTURES } from '../../architectures.ts'
import { advice, noModule, packageLabel } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import type { LayerContext, LayerElf, OddBinary } from '../layer-context.ts'
import { isLoadable } from '../link/linker.ts'
import { inOpt } from '../link/search-path.ts'
import { extensionName, packagePath } from '../package-paths.ts'
import type { InstalledPackage } from '../packages.ts'

/** Whether programs and libraries are for the processor and the system of the functions. */
export function checkMachine(layer: LayerContext): Finding[] {
  const wrong = layer.elf.filter(
    ({ elf }) => elf.type !== 'relocatable' && elf.type !== 'core' && !isRight(layer, { elf }),
  )
  const served = servedPackages(layer)
  const modules = new Set(layer.elf.flatMap(({ file }) => moduleOf(file.path) ?? []))
  return [
    ...wrong.map((one) => wrongMachine(layer, one, served)),
    ...layer.odd.flatMap((one) => oddBinary(layer, one, modules)),
  ]
}

function isRight({ arch }: LayerContext, { elf }: Pick<LayerElf, 'elf'>): boolean {
  return elf.machine === arch.elfMachine && elf.bits === 64 && elf.littleEndian
}

function wrongMachine(layer: LayerContext, { file, elf }: LayerElf, served: Served): Finding {
  const is = ARCHITECTURES.find(({ elfMachine }) => elfMachine === elf.machine)?.name
  const machine = elf.bits === 32 ? 'a 32-bit system' : (is ?? `machine ${elf.machine}`)
  const isSpare = !isExtension(file.path) && served.has(layer.ownerOf(file.path))
  return finding('elf-machine', {
    // Packages that bring a program for each system choose among them when they run.
    ...(isSpare ? { severity: 'warning' } : {}),
    file: file.path,
    reason: `it is built for ${machine}${packageLabel(layer, file.path)}; the layer is for ${layer.arch.name}.`,
    remedy: isSpare
      ? 'Leave it out to save space.'
      : `Wheels for the wrong platform were installed; ${advice(layer, file.path, { runtime: layer.runtimes[0] })}.`,
    production: loaderMessage({ file, elf }),
    details: { machine: elf.machine, wanted: layer.arch.elfMachine, architecture: is ?? null },
  })
}

/** What production says: Python does not even see a module whose name is of another processor; the loader passes over the rest. */
function loaderMessage({ file, elf }: LayerElf): string {
  const extension = extensionName(packagePath(file.path)?.inside ?? '')
  if (extension?.tag.startsWith('cpython-')) return noModule(extension.module)
  if (elf.type === 'executable' || elf.interpreter !== undefined)
    return `OSError: [Errno 8] Exec format error: '${inOpt(file.path)}'`
  if (elf.bits === 32) return `ImportError: ${inOpt(file.path)}: wrong ELF class: ELFCLASS32`
  return `ImportError: ${inOpt(file.path)}: cannot open shared object file: No such file or directory`
}

function isExtension(path: string): boolean {
  return (
    extensionName(packagePath(path)?.inside ?? '') !== undefined && /\.(?:cpython-|abi3)[^/]*$/.test(path)
  )
}

/** Packages that have programs or libraries for the right processor. */
type Served = ReadonlySet<InstalledPackage | undefined>

function servedPackages(layer: LayerContext): Served {
  const right = layer.elf.filter((one) => isLoadable(one.elf) && isRight(layer, one))
  return new Set(right.flatMap(({ file }) => layer.ownerOf(file.path) ?? []))
}

function moduleOf(path: string): string | undefined {
  return extensionName(packagePath(path)?.inside ?? '')?.module
}

const NAMES = { 'Mach-O': 'macOS', PE: 'Windows' } as const

function oddBinary(
  layer: LayerContext,
  { file, format, reason }: OddBinary,
  modules: ReadonlySet<string>,
): Finding[] {
  const { path, size } = file
  if (format === 'damaged')
    return [
      finding('elf-damaged', {
        file: path,
        reason: reason ?? 'it cannot be read.',
        remedy: 'Download or build the package again.',
        production: `ImportError: ${inOpt(path)}: file too short`,
      }),
    ]
  const extension = extensionName(packagePath(path)?.inside ?? '')
  const isLibrary = /\.so(?:\.\d+)*$/.test(path)
  const system = format === 'unknown' ? undefined : NAMES[format]
  const isMissed = extension !== undefined && !modules.has(extension.module)
  if (isLibrary || (isMissed && path.endsWith('.pyd')))
    return [
      finding('elf-invalid', {
        file: path,
        reason: `it is ${system === undefined ? notElf(size) : `a library of ${system}`}${packageLabel(layer, path)}.`,
        remedy:
          system === undefined
            ? 'Download or build the package again.'
            : `The packages were installed for ${system}; ${advice(layer, path, { runtime: layer.runtimes[0] })}.`,
        production:
          extension === undefined ||
          (extension.tag !== '' && extension.tag !== 'abi3') ||
          path.endsWith('.pyd')
            ? noModule(extension?.module ?? path)
            : `ImportError: ${inOpt(path)}: ${size < 64 ? 'file too short' : 'invalid ELF header'}`,
        details: { format },
      }),
    ]
  return format === 'unknown'
    ? []
    : [
        finding('foreign-binary', {
          severity: 'info',
          file: path,
          reason: `it is a program or library of ${system}: Lambda cannot run it.`,
          remedy: 'Leave it out to save space.',
          details: { format },
        }),
      ]
}

function notElf(size: number): string {
  return size === 0 ? 'empty' : 'no ELF file, perhaps what a version control system left in place of it'
}
