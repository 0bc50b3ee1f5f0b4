import { posix } from 'node:path'
import { finding, type Finding } from '../findings.ts'
import { groupBy } from '../group-by.ts'
import type { LayerContext, LayerElf } from '../layer-context.ts'
import { runtimeLibraries } from '../link/runtime-libraries.ts'
import { isTaggedExtension } from '../link/link-layer.ts'
import { packagePath } from '../package-paths.ts'
import type { InstalledPackage } from '../packages.ts'
import { BOTO_PAIR, RUNTIME_PACKAGES, STANDARD_MODULES, URLLIB3_1_PYTHONS } from '../runtime-packages.ts'

/** What hides something else: of the runtime, of Python, of the layer itself. Layers come first in `sys.path`. */
export function checkShadowing(layer: LayerContext): Finding[] {
  return [...standardLibrary(layer), ...runtimePackages(layer), ...twice(layer), ...sonames(layer)]
}

function standardLibrary({ tree }: LayerContext): Finding[] {
  const paths = tree.files.map(({ path }) => ({ path, inside: packagePath(path)?.inside }))
  return STANDARD_MODULES.flatMap((module) => {
    const found = paths.find(({ inside }) => inside === `${module}.py` || inside === `${module}/__init__.py`)
    if (found === undefined) return []
    return [
      finding('standard-library-shadowed', {
        file: found.path,
        reason: `it hides the module ${module} of the standard library: the layer comes first.`,
        remedy: `Leave it out: it is a package for old Pythons (pip calls it ${module === 'enum' ? 'enum34' : module === 'concurrent' ? 'futures' : module}) that something requires without a marker.`,
        details: { module },
      }),
    ]
  })
}

function runtimePackages({ packages, runtimes }: LayerContext): Finding[] {
  const byName = new Map(packages.map((one) => [one.name, one]))
  const pair = BOTO_PAIR.flatMap((name) => byName.get(name) ?? [])
  const half = pair.length === 1 ? pair[0] : undefined
  const urllib3 = byName.get('urllib3')
  const old = runtimes.find(({ python }) => URLLIB3_1_PYTHONS.has(python))
  const isTooNew = urllib3 && old && !byName.has('botocore') && !urllib3.version.startsWith('1.')
  return [
    ...(half ? [halfAPair(half)] : []),
    ...(isTooNew ? [newUrllib3(urllib3, old.name)] : []),
    ...RUNTIME_PACKAGES.flatMap((name) => byName.get(name) ?? [])
      .filter((one) => one !== half)
      .map(inRuntime),
  ]
}

function newUrllib3({ version, distInfo }: InstalledPackage, runtime: string): Finding {
  return finding('boto-pair', {
    file: distInfo,
    reason: `urllib3 ${version} is used by the botocore of ${runtime}, which takes none above 1.26.`,
    remedy: 'Take urllib3<1.27, or put boto3 and botocore into the layer as well.',
    production: "ImportError: cannot import name 'DEFAULT_CIPHERS' from 'urllib3.util.ssl_'",
  })
}

function halfAPair({ name, version, distInfo }: InstalledPackage): Finding {
  const other = BOTO_PAIR.find((one) => one !== name) ?? ''
  return finding('boto-pair', {
    file: distInfo,
    reason: `${name} ${version} comes without ${other}, and so with the runtime's: the two are made for each other's version, and AWS changes the runtime's by itself.`,
    remedy: `Put ${other} into the layer as well, or leave ${name} out.`,
    details: { package: name, other },
  })
}

function inRuntime({ name, version, distInfo }: InstalledPackage): Finding {
  return finding('runtime-package-shadowed', {
    file: distInfo,
    reason: `${name} ${version} takes the place of the one that the runtime has.`,
    remedy: 'Leave it out if the version does not matter: the runtime has one.',
    details: { package: name },
  })
}

/** One package in `python/` and in its site-packages: the latter comes first. */
function twice({ tree }: LayerContext): Finding[] {
  const folders = new Map<string, Set<string>>()
  for (const { path } of tree.files) {
    const found = packagePath(path)
    const [, top] = /^(\w+)(?:\/__init__)?\.py$/.exec(found?.inside ?? '') ?? []
    if (found && top !== undefined) folders.set(top, (folders.get(top) ?? new Set()).add(found.folder))
  }
  return [...folders].flatMap(([top, in_]) => {
    if (in_.size < 2 || !in_.has('python')) return []
    const other = [...in_].find((folder) => folder !== 'python') ?? ''
    return [
      finding('package-twice', {
        file: `python/${top}`,
        reason: `${top} is in ${other} as well, which comes first.`,
        remedy: 'Keep one of the two.',
        details: { folders: [...in_] },
      }),
    ]
  })
}

/** Libraries that are found by their name where another one is meant. */
function sonames(layer: LayerContext): Finding[] {
  const libraries = layer.elf.filter(
    ({ file, elf }) => elf.type === 'shared' && !isTaggedExtension(file.path),
  )
  return [...ofRuntime(layer, libraries), ...clashes(layer, libraries)]
}

function ofRuntime({ runtimes, arch }: LayerContext, libraries: readonly LayerElf[]): Finding[] {
  const names = new Set(
    runtimes.flatMap((runtime) =>
      [...runtimeLibraries(runtime, arch)].filter(([, sure]) => sure !== 'unsure').map(([name]) => name),
    ),
  )
  return libraries
    .filter((one) => names.has(sonameOf(one)))
    .map((one) =>
      finding('soname-of-runtime', {
        file: one.file.path,
        reason: `it is called ${sonameOf(one)}, as a library of the runtime is: whichever is loaded first serves for both.`,
        remedy: one.file.path.startsWith('lib/')
          ? "Leave it out: the loader looks into the runtime's folders before /opt/lib, and never takes it."
          : 'Leave it out, or take a wheel that auditwheel has repaired, which gives such libraries a name of their own.',
        details: { soname: sonameOf(one) },
      }),
    )
}

function clashes({ elf }: LayerContext, libraries: readonly LayerElf[]): Finding[] {
  const needed = new Set(elf.flatMap(({ elf: { needed: names } }) => names))
  const groups = groupBy(libraries, sonameOf)
  return [...groups].flatMap(([soname, group]) => {
    const different = groupBy(group, ({ file }) => `${file.size} ${file.checksum ?? ''}`)
    const [first] = group
    if (first === undefined || different.size < 2 || !needed.has(soname)) return []
    return [
      finding('soname-clash', {
        file: first.file.path,
        reason: `${group.length} different files are called ${soname}: whichever is loaded first serves for all (${group.map(({ file }) => file.path).join(', ')}).`,
        remedy:
          'Take wheels that auditwheel has repaired, or versions of the packages that bring the same library.',
        details: { soname, files: group.map(({ file }) => file.path) },
      }),
    ]
  })
}

function sonameOf({ file, elf }: LayerElf): string {
  return elf.soname ?? posix.basename(file.path)
}
