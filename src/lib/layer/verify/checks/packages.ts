import { parseRequirement } from '../../python/requirement.ts'
import { noModule } from '../advice.ts'
import { finding, type Finding } from '../findings.ts'
import { KNOWN_PACKAGES, type KnownPackage } from '../known-packages.ts'
import { groupBy } from '../group-by.ts'
import type { LayerContext } from '../layer-context.ts'
import { type PackagePath, packagePath } from '../package-paths.ts'
import { recordPath, type InstalledPackage } from '../packages.ts'
import { isPrunable } from '../prunable.ts'
import type { LayerFile } from '../tree/layer-tree.ts'

/** Whether packages have all their files, and the metadata by which they are found. */
export function checkPackages(layer: LayerContext): Finding[] {
  const files = new Map(layer.tree.files.map((file) => [file.path, file]))
  for (const { path, leadsTo } of layer.tree.links) {
    const file = leadsTo === undefined ? undefined : files.get(leadsTo)
    if (file) files.set(path, file)
  }
  return [
    ...layer.packages.flatMap((one) => [...brokenMetadata(layer, one), ...recorded(one, files)]),
    ...KNOWN_PACKAGES.flatMap((known) => knownPackage(layer, known)),
    ...mixedVersions(layer),
  ]
}

function brokenMetadata({ wasRead }: LayerContext, one: InstalledPackage): Finding[] {
  if (!wasRead || one.requires !== undefined) return []
  return [
    finding('dist-info-broken', {
      file: one.distInfo,
      reason: 'its METADATA is missing or says nothing.',
      remedy: `Install ${one.name} again and prune no *.dist-info: cruddur layer build keeps them.`,
      production: `importlib.metadata.PackageNotFoundError: No package metadata was found for ${one.name}`,
      details: { package: one.name },
    }),
  ]
}

/** What Python or the loader asks for by itself. */
const CODE = /\.(?:py|so)$|\.so\.\d[\d.]*$|\.pth$/

/** What is told of by itself, with or without a RECORD. */
const CRITICAL = new Set(KNOWN_PACKAGES.flatMap(({ compiled }) => compiled))

function recorded(one: InstalledPackage, files: ReadonlyMap<string, LayerFile>): Finding[] {
  const findings: Finding[] = []
  const changed: string[] = []
  for (const { path, size } of one.record ?? []) {
    const whole = recordPath(one, path)
    const file = files.get(whole)
    if (file && size !== '' && Number(size) !== file.size) changed.push(whole)
    if (file === undefined && !isPrunable(path) && !CRITICAL.has(path.split('.', 1)[0] ?? ''))
      findings.push(missing(one, whole, path))
  }
  if (changed[0] !== undefined)
    findings.push(
      finding('package-file-changed', {
        file: changed[0],
        reason: `${changed.length === 1 ? 'it has' : `it and ${changed.length - 1} more files of ${one.name} have`} another size than RECORD says: stripped, compiled or edited since.`,
        details: { package: one.name, files: changed },
      }),
    )
  return findings
}

function missing(one: InstalledPackage, whole: string, path: string): Finding {
  const isCode = CODE.test(path)
  return finding(isCode ? 'package-file-missing' : 'package-data-missing', {
    file: whole,
    reason: `RECORD of ${one.name} ${one.version} lists it, and it is not there.`,
    remedy: `Install ${one.name} again, and prune less.`,
    ...(isCode ? { production: importMessage(path) } : {}),
    details: { package: one.name },
  })
}

function importMessage(path: string): string {
  if (/\.so\.\d|\.libs\//.test(path))
    return `ImportError: ${path.slice(path.lastIndexOf('/') + 1)}: cannot open shared object file: No such file or directory`
  const module = path.replace(/(?:\/__init__)?(?:\.[\w-]+)?\.(?:py|so)$/, '').replaceAll('/', '.')
  return noModule(module)
}

/** The compiled part and the metadata of packages that are known. */
function knownPackage(layer: LayerContext, known: KnownPackage): Finding[] {
  const paths = layer.tree.files.flatMap(({ path }) => packagePath(path) ?? [])
  const { imports, compiled } = known
  const isModule = compiled.includes(imports)
  const found = paths.find(({ inside }) =>
    inside.startsWith(isModule ? `${imports}.` : `${imports}/__init__.py`),
  )
  if (found === undefined) return []
  const file = `${found.folder}/${imports}`
  return [...compiledPart(known, file, paths), ...distInfo(layer, known, file)]
}

function compiledPart(
  { name, imports, compiled }: KnownPackage,
  file: string,
  paths: readonly PackagePath[],
): Finding[] {
  const isThere = compiled.some((path) => paths.some(({ inside }) => inside.startsWith(`${path}.`)))
  if (isThere) return []
  const module = compiled[0].replaceAll('/', '.')
  return [
    finding('critical-file-missing', {
      file,
      reason: `${imports} is there without its compiled part ${module}.`,
      remedy: `Install the wheel, not the sources: cruddur layer build ${name}.`,
      production: noModule(module),
      details: { package: name, module },
    }),
  ]
}

/** Names by which packages ask for metadata at run time. */
const ASKS = /importlib[._]metadata|pkg_resources/

function distInfo(layer: LayerContext, { name, imports }: KnownPackage, file: string): Finding[] {
  // psycopg2 is one of the two: both bring the same import.
  const names = new Set([name, name.replace(/-binary$/, '')])
  if (layer.packages.some((one) => names.has(one.name))) return []
  const requiredBy = layer.packages.find((one) => requirementNames(one).some((wanted) => names.has(wanted)))
  const asking = layer.wasRead ? askingFile(layer, imports) : undefined
  const why =
    asking !== undefined
      ? `${asking.path} asks for it when it is imported`
      : requiredBy
        ? `${requiredBy.name} requires it`
        : undefined
  return [
    finding('dist-info-missing', {
      ...(asking ? { severity: 'error' } : {}),
      file,
      reason: `there is no ${imports}-….dist-info: importlib.metadata will fail for ${name}${why === undefined ? '' : `, and ${why}`}.`,
      remedy: `Install ${name} again and prune no *.dist-info: cruddur layer build keeps them.`,
      production: `importlib.metadata.PackageNotFoundError: No package metadata was found for ${name}`,
      details: { package: name },
    }),
  ]
}

/** A file that runs with the import and asks for the package's own version. */
function askingFile({ tree }: LayerContext, imports: string): LayerFile | undefined {
  const candidate = new RegExp(String.raw`^${imports}/(?:__init__|_*version_*|__about__)\.py$`)
  return tree.files.find((file) => {
    const inside = packagePath(file.path)?.inside
    return inside !== undefined && candidate.test(inside) && ASKS.test(tree.content(file).toString('utf8'))
  })
}

function requirementNames({ requires = [] }: InstalledPackage): string[] {
  return requires.flatMap((text) => {
    try {
      return [parseRequirement(text).name]
    } catch {
      return []
    }
  })
}

function mixedVersions({ packages }: LayerContext): Finding[] {
  const groups = groupBy(packages, ({ name, folder }) => `${folder}\0${name}`)
  return [...groups.values()].flatMap((group) =>
    group.length < 2
      ? []
      : [
          finding('package-versions-mixed', {
            file: group[0]?.distInfo ?? '',
            reason: `${group[0]?.name} is there in versions ${group.map(({ version }) => version).join(' and ')}: one was installed over the other.`,
            remedy: 'Build the layer in an empty folder.',
            details: { package: group[0]?.name, versions: group.map(({ version }) => version) },
          }),
        ],
  )
}
