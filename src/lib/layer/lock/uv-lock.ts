import { UsageError } from '../../errors.ts'
import { holds, type MarkerEnvironment, parseMarker } from '../python/marker.ts'
import { normalizeName } from '../python/package-name.ts'
import { hashesOf, lockedFile } from './locked-file.ts'
import type { LockedPackage, LockOptions } from './locked-package.ts'
import {
  lockInvalid,
  lockNotSupported,
  readToml,
  type Table,
  tableOf,
  tablesOf,
  textOf,
  textsOf,
} from './toml-file.ts'

/** What uv locks that is no file of an index, and how messages call it. */
const NOT_FILES: Readonly<Record<string, string>> = {
  editable: 'is a folder of this project',
  virtual: 'is a folder of this project',
  directory: 'is a folder',
  git: 'comes from Git',
}

/** The form of the file that is understood: uv writes the first number anew when older programs cannot read it. */
const FORMAT = 1

/**
 * What a `uv.lock` pins for a machine: the project's dependencies and theirs, without the project itself.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LOCK_INVALID`, `REQUIREMENT_NOT_SUPPORTED`, `UNKNOWN_EXTRA`
 */
export function readUvLock(options: LockOptions): LockedPackage[] {
  const { path, environment } = options
  const lock = readToml(path)
  if (lock['version'] !== FORMAT) throw lockInvalid(path, `its version is not ${FORMAT}`)
  const all = tablesOf(lock['package'])
  const found = new Map<Table, { by: Set<string>; extras: Set<string> }>()
  const queue = rootsOf(all).flatMap((root) => rootDependencies(root, options))
  if (all.length > 0 && rootsOf(all).length === 0) throw lockInvalid(path, 'no package in it is the project')
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    const { dependency, by } = entry
    const marker = textOf(dependency['marker'])
    if (marker !== undefined && !holds(parseMarker(marker), environment)) continue
    const target = lookUp(all, dependency, environment)
    if (!target) throw lockInvalid(path, `it lacks ${String(dependency['name'])}`)
    const seen = found.get(target) ?? { by: new Set(), extras: new Set() }
    const isNew = !found.has(target)
    found.set(target, seen)
    if (by !== undefined) seen.by.add(by)
    const name = normalizeName(String(target['name']))
    const optional = tableOf(target['optional-dependencies'])
    const fresh = textsOf(dependency['extra']).filter((extra) => !seen.extras.has(extra))
    for (const extra of fresh) seen.extras.add(extra)
    const next = [
      ...(isNew ? tablesOf(target['dependencies']) : []),
      ...fresh.flatMap((extra) => tablesOf(optional[extra])),
    ]
    queue.push(...next.map((one) => ({ dependency: one, by: name })))
  }
  const roots = new Set(rootsOf(all))
  return [...found]
    .filter(([entry]) => !roots.has(entry))
    .map(([entry, { by }]) => lockedPackage(entry, [...by].toSorted(), path))
}

/** The project, or the members of a workspace without a project at its top. */
function rootsOf(all: readonly Table[]): Table[] {
  const own = all.filter(({ source }) => 'editable' in tableOf(source) || 'virtual' in tableOf(source))
  const top = own.filter(({ source }) => Object.values(tableOf(source)).includes('.'))
  return top.length > 0 ? top : own
}

function rootDependencies(
  root: Table,
  { extras, groups, path }: LockOptions,
): { dependency: Table; by: string | undefined }[] {
  const optional = tableOf(root['optional-dependencies'])
  const development = tableOf(root['dev-dependencies'])
  const pick = (from: Table, name: string, kind: string): Table[] => {
    const key = Object.keys(from).find((one) => normalizeName(one) === normalizeName(name))
    if (key !== undefined) return tablesOf(from[key])
    throw new UsageError(`"${path}" has no ${kind} "${name}".`, {
      code: 'UNKNOWN_EXTRA',
      hint: `It has ${Object.keys(from).join(', ') || 'none'}.`,
    })
  }
  return [
    ...tablesOf(root['dependencies']),
    ...extras.flatMap((extra) => pick(optional, extra, 'extra')),
    ...groups.flatMap((group) => pick(development, group, 'group')),
  ].map((dependency) => ({ dependency, by: undefined }))
}

/** The package that a dependency means. Of several with the same name, its version says which, or what they are for. */
function lookUp(all: readonly Table[], dependency: Table, environment: MarkerEnvironment): Table | undefined {
  const named = all.filter(({ name }) => name === dependency['name'])
  const version = dependency['version']
  const versions = version === undefined ? named : named.filter((one) => one['version'] === version)
  if (versions.length < 2) return versions[0]
  return versions.find((one) =>
    textsOf(one['resolution-markers']).some((marker) => holds(parseMarker(marker), environment)),
  )
}

function lockedPackage(entry: Table, requiredBy: string[], path: string): LockedPackage {
  const name = normalizeName(String(entry['name']))
  const odd = Object.keys(tableOf(entry['source'])).find((kind) => kind in NOT_FILES)
  if (odd !== undefined) throw lockNotSupported(path, name, NOT_FILES[odd] ?? '')
  const wheels = tablesOf(entry['wheels'])
  const source = 'sdist' in entry ? [tableOf(entry['sdist'])] : []
  const files = [...wheels, ...source].map((file) => lockedFile(file, path))
  return { name, version: textOf(entry['version']) ?? '', files, hashes: hashesOf(files), requiredBy }
}
