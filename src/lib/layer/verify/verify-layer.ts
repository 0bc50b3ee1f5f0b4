import { runStep, type VerbOptions } from '../../progress.ts'
import { newestByFamily } from '../elf/versions.ts'
import { ARCHITECTURES, findArchitecture } from '../architectures.ts'
import { findRuntime } from '../runtimes.ts'
import { type DownloadLayer, type OpenLayer, openPublished } from './published.ts'
import { checkAbi } from './checks/abi.ts'
import { checkAlignment } from './checks/alignment.ts'
import { type AssetAdvice, assetAdvice, checkAssets, type DeployTool } from './checks/assets.ts'
import { checkMachine } from './checks/machine.ts'
import { checkNeeded } from './checks/needed.ts'
import { checkPackages } from './checks/packages.ts'
import { checkPermissions } from './checks/permissions.ts'
import { checkRuntimeDates } from './checks/runtime-dates.ts'
import { checkShadowing } from './checks/shadowing.ts'
import { checkSizes } from './checks/sizes.ts'
import { checkStructure } from './checks/structure.ts'
import { checkSymbols } from './checks/symbols.ts'
import { checkTags } from './checks/tags.ts'
import { type Component, layerComponents } from './components.ts'
import type { Severity } from './finding-table.ts'
import { countFindings, type Finding, sortFindings } from './findings.ts'
import type { ImportRun, ImportTestResult } from './imports/import-run.ts'
import type { Check, LayerContext, LayerElf } from './layer-context.ts'
import { ownerFinder } from './packages.ts'
import { readContents } from './read-contents.ts'
import { chooseTarget, type LayerTarget, type TargetSource } from './target.ts'
import { type LayerTree, openLayerTree } from './tree/layer-tree.ts'

/** Every check; none depends on another. */
const CHECKS: readonly Check[] = [
  checkStructure,
  checkPermissions,
  checkPackages,
  checkMachine,
  checkAbi,
  checkSymbols,
  checkNeeded,
  checkAlignment,
  checkTags,
  checkShadowing,
  checkSizes,
  checkAssets,
  checkRuntimeDates,
]

/** Tries the imports of a layer; it is told where the layer is, and what it is judged for. */
export type ImportTest = (layer: LayerContext, options: VerbOptions) => Promise<ImportTestResult>

export interface VerifyLayerOptions extends VerbOptions {
  /** A folder, a zip, or the ARN of a layer version. */
  path: string
  /** Python versions or names of runtimes that it is to be judged for, instead of those that are read out of the layer. */
  pythons?: readonly string[] | undefined
  /** `arm64` or `x86_64`. */
  arch?: string | undefined
  /** Fetches a published layer; without it an ARN is refused. */
  download?: DownloadLayer | undefined
  /** Runs the imports in the image of the runtime; the findings are added to the others. */
  importTest?: ImportTest | undefined
  /** The current time; a runtime's end goes by it. */
  now?: (() => Date) | undefined
}

/** What the loader sees of a file, in short. */
export interface ElfSummary {
  file: string
  architecture: string | undefined
  needed: readonly string[]
  /** The newest symbol versions that it needs: `{ GLIBC: 'GLIBC_2.17' }`. */
  versions: Readonly<Record<string, string>>
}

/** A file and its size. */
export interface FileSize {
  path: string
  size: number
  compressedSize: number | undefined
}

export interface VerifyLayerResult {
  /** Whether there is no error. */
  ok: boolean
  path: string
  kind: LayerTree['kind']
  /** Names of runtimes: `python3.13`. */
  runtimes: string[]
  runtimesFrom: TargetSource
  architecture: string
  architectureFrom: TargetSource
  findings: Finding[]
  counts: Record<Severity, number>
  /** Bytes. */
  sizes: { zip: number | undefined; unzipped: number; files: number }
  /** By package, the largest first. */
  components: Component[]
  /** The largest first. */
  files: FileSize[]
  elf: ElfSummary[]
  /** The newest symbol versions that any file needs. */
  versions: Readonly<Record<string, string>>
  deploy: Record<DeployTool, AssetAdvice>
  /** The runs of the import test, one for each runtime; `undefined` without one. */
  imports?: ImportRun[]
}

/**
 * Proves that a layer works in Lambda before anything is uploaded, by what is in its files: nothing of it is run but by
 * `importTest`.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LAYER_TOO_LARGE`, `UNKNOWN_RUNTIME`, `UNKNOWN_ARCHITECTURE`, `LAYER_ARN_NOT_SUPPORTED`
 * @throws {CruddurError} `ZIP_INVALID`, `ZIP_UNSUPPORTED`, `ZIP_ENTRY_TOO_LARGE`, `LAYER_JSON_INVALID`, `LAYER_TOO_COMPLEX`, `INTERRUPTED`, and those of `download` and `importTest`
 */
export async function verifyLayer(options: VerifyLayerOptions): Promise<VerifyLayerResult> {
  requireKnown(options)
  const published = await openPublished(options)
  try {
    return await judge(options, published)
  } finally {
    await published.remove()
  }
}

async function judge(options: VerifyLayerOptions, published: OpenLayer): Promise<VerifyLayerResult> {
  const { signal, onProgress, now = () => new Date() } = options
  const tree = openLayerTree(published.path)
  try {
    const contents = await runStep(onProgress, 'read', 'Reading the layer', () => readContents(tree, signal))
    const target = chooseTarget(tree, contents, published)
    const layer: LayerContext = {
      ...contents,
      tree,
      runtimes: target.runtimes,
      arch: target.arch,
      ownerOf: ownerFinder(contents.packages),
      today: now().toISOString().slice(0, 10),
    }
    const imported = await options.importTest?.(layer, { signal, onProgress })
    const findings = sortFindings([...CHECKS.flatMap((check) => check(layer)), ...(imported?.findings ?? [])])
    const result = describe(options.path, layer, target, findings)
    return imported ? { ...result, imports: imported.runs } : result
  } finally {
    tree.close()
  }
}

/** Before anything is read or fetched. */
function requireKnown({ pythons = [], arch }: VerifyLayerOptions): void {
  pythons.forEach(findRuntime)
  if (arch !== undefined) findArchitecture(arch)
}

function describe(
  path: string,
  layer: LayerContext,
  target: LayerTarget,
  findings: Finding[],
): VerifyLayerResult {
  const { tree } = layer
  const counts = countFindings(findings)
  const files = tree.files
    .map(({ path: file, size, compressedSize }) => ({ path: file, size, compressedSize }))
    .toSorted((a, b) => b.size - a.size)
  return {
    ok: counts.error === 0,
    path,
    kind: tree.kind,
    runtimes: target.runtimes.map(({ name }) => name),
    runtimesFrom: target.runtimesFrom,
    architecture: target.arch.name,
    architectureFrom: target.archFrom,
    findings,
    counts,
    sizes: {
      zip: tree.zipSize,
      unzipped: files.reduce((sum, { size }) => sum + size, 0),
      files: files.length,
    },
    components: layerComponents(layer),
    files,
    elf: layer.elf.map(summarize),
    versions: newestByFamily(layer.elf.flatMap(neededVersions)),
    deploy: assetAdvice(tree),
  }
}

function summarize(one: LayerElf): ElfSummary {
  const { file, elf } = one
  const architecture = ARCHITECTURES.find(({ elfMachine }) => elfMachine === elf.machine)?.name
  return { file: file.path, architecture, needed: elf.needed, versions: newestByFamily(neededVersions(one)) }
}

function neededVersions({ elf }: LayerElf): string[] {
  return elf.versionNeeds.flatMap(({ versions }) => versions.map(({ name }) => name))
}
