import { parseFields, parseMetadata } from '../wheel/metadata.ts'
import { normalizeName } from '../python/package-name.ts'
import { parseRecord, type RecordRow } from '../wheel/record.ts'
import { packagePath } from './package-paths.ts'

/** A package in a layer, by its folder of metadata. */
export interface InstalledPackage {
  /** Normalised: `psycopg2-binary`. */
  name: string
  version: string
  /** The folder of packages that it is in: `python`. */
  folder: string
  /** The path of its `.dist-info` in the layer. */
  distInfo: string
  /** Requirements as they stand in METADATA; `undefined` when that file is missing or says nothing. */
  requires: readonly string[] | undefined
  /** What WHEEL says it is for; empty when there is no such file. */
  tags: readonly string[]
  /** `undefined` when there is no RECORD. */
  record: readonly RecordRow[] | undefined
}

/** The files of metadata that are read. */
type MetadataFile = 'METADATA' | 'WHEEL' | 'RECORD'

/** A file of metadata by its path: `python/numpy-2.4.6.dist-info/RECORD`. */
const METADATA_PATH = /^(.*\/([^/]+)\.dist-info)\/(METADATA|WHEEL|RECORD)$/

/** Whether a file is one that packages are known by. */
export function isMetadataFile(path: string): boolean {
  return METADATA_PATH.test(path)
}

/**
 * The packages of a layer.
 * @param paths of all files
 * @param texts of the files of metadata, by their paths
 */
export function installedPackages(
  paths: Iterable<string>,
  texts: ReadonlyMap<string, string>,
): InstalledPackage[] {
  const folders = new Set<string>()
  for (const path of paths) {
    const folder = /^(python\/(?:lib\/python\d+\.\d+\/site-packages\/)?[^/]+\.dist-info)\//.exec(path)?.[1]
    if (folder !== undefined) folders.add(folder)
  }
  return [...folders].toSorted().map((distInfo) => {
    const textOf = (file: MetadataFile) => texts.get(`${distInfo}/${file}`)
    const metadata = textOf('METADATA')
    const fields = metadata === undefined ? undefined : parseMetadata(metadata)
    const record = textOf('RECORD')
    const [name = '', version = ''] = distInfo
      .slice(distInfo.lastIndexOf('/') + 1, -'.dist-info'.length)
      .split(/-(?=[^-]*$)/)
    return {
      name: normalizeName(fields?.name || name),
      version: fields?.version || version,
      folder: packagePath(distInfo)?.folder ?? 'python',
      distInfo,
      requires: fields?.name ? fields.requiresDist : undefined,
      tags: parseFields(textOf('WHEEL') ?? '').get('tag') ?? [],
      record: record === undefined ? undefined : parseRecord(record),
    }
  })
}

/** Finds the package of each file by the RECORDs; what they do not list belongs to the package whose folder it is in. */
export function ownerFinder(
  packages: readonly InstalledPackage[],
): (path: string) => InstalledPackage | undefined {
  const byFile = new Map<string, InstalledPackage>()
  const byFolder = new Map<string, InstalledPackage>()
  for (const one of packages) {
    byFolder.set(one.distInfo, one)
    for (const { path } of one.record ?? []) {
      const whole = recordPath(one, path)
      byFile.set(whole, one)
      const top = topFolder(whole)
      if (top !== undefined && !byFolder.has(top)) byFolder.set(top, one)
    }
  }
  return (path) => {
    const top = topFolder(path)
    return byFile.get(path) ?? (top === undefined ? undefined : byFolder.get(top))
  }
}

/** The path in the layer of a line of RECORD, which may begin with `../`. */
export function recordPath({ folder }: InstalledPackage, path: string): string {
  const parts = folder.split('/')
  for (const part of path.split('/'))
    if (part === '..') parts.pop()
    else parts.push(part)
  return parts.join('/')
}

/** The folder directly in the folder of packages: `python/numpy.libs`. */
function topFolder(path: string): string | undefined {
  const found = packagePath(path)
  const slash = found?.inside.indexOf('/') ?? -1
  return found && slash > 0 ? `${found.folder}/${found.inside.slice(0, slash)}` : undefined
}
