import { holds, parseMarker } from '../python/marker.ts'
import { normalizeName } from '../python/package-name.ts'
import { Specifier } from '../python/specifier.ts'
import { parseVersion } from '../python/version.ts'
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

/**
 * What a `poetry.lock` pins for a machine. It has hashes but no URLs. Since 2.1 each package says in which groups and on which
 * machines it counts; in older files, packages are followed from those that nothing else needs.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LOCK_INVALID`, `REQUIREMENT_NOT_SUPPORTED`
 */
export function readPoetryLock(options: LockOptions): LockedPackage[] {
  const { path, environment, extras } = options
  const lock = readToml(path)
  const format = textOf(tableOf(lock['metadata'])['lock-version']) ?? ''
  if (!/^[12]\./.test(format)) throw lockInvalid(path, `its lock-version "${format}" is neither 1.x nor 2.x`)
  const groups = ['main', ...options.groups]
  const python = parseVersion(environment.python_full_version)
  const byExtras = new Set(
    extras.flatMap((extra) => textsOf(tableOf(lock['extras'])[normalizeName(extra)]).map(nameIn)),
  )
  const candidates = tablesOf(lock['package']).filter((entry) => {
    const versions = textOf(entry['python-versions'])
    return (
      groupHolds(entry, groups, options) &&
      (!python || !versions || alternatives(versions).some((one) => one.allows(python)))
    )
  })
  const saysWhere = candidates.some((entry) => 'groups' in entry)
  const taken = saysWhere
    ? candidates.filter(
        (entry) => entry['optional'] !== true || 'markers' in entry || byExtras.has(nameOf(entry)),
      )
    : followed(candidates, byExtras, options)
  return taken.map((entry) => lockedPackage(entry, taken, options))
}

/** Whether a package is in one of the groups, and the machine is the right one for it there. */
function groupHolds(entry: Table, groups: readonly string[], { environment, extras }: LockOptions): boolean {
  const own = textsOf(entry['groups'])
  const given = own.length > 0 ? own : [textOf(entry['category']) ?? 'main']
  const { markers } = entry
  return given
    .filter((group) => groups.includes(group))
    .some((group) => {
      const marker = textOf(markers) ?? textOf(tableOf(markers)[group])
      return marker === undefined || holds(parseMarker(marker), environment, { extras })
    })
}

/** Old files say what is optional, and under which markers packages need each other. */
function followed(
  all: readonly Table[],
  byExtras: ReadonlySet<string>,
  { environment }: LockOptions,
): Table[] {
  const isNeeded = new Set(
    all.flatMap((entry) => Object.keys(tableOf(entry['dependencies'])).map(normalizeName)),
  )
  const queue = all.filter(
    (entry) => byExtras.has(nameOf(entry)) || (entry['optional'] !== true && !isNeeded.has(nameOf(entry))),
  )
  const found = new Set(queue)
  for (let entry = queue.shift(); entry; entry = queue.shift())
    for (const [name, wish] of Object.entries(tableOf(entry['dependencies']))) {
      const wishes = Array.isArray(wish) ? wish.map(tableOf) : [tableOf(wish)]
      const counts = wishes.some(({ markers, optional }) => {
        const marker = textOf(markers)
        return optional !== true && (marker === undefined || holds(parseMarker(marker), environment))
      })
      const next = counts ? all.find((other) => nameOf(other) === normalizeName(name)) : undefined
      if (next && !found.has(next)) {
        found.add(next)
        queue.push(next)
      }
    }
  // Packages that need each other in a circle are needed by nobody else; they are in the file for a reason.
  const rest = all.filter(
    (entry) => entry['optional'] !== true && !found.has(entry) && !isReached(entry, all),
  )
  return [...found, ...rest]
}

function isReached(entry: Table, all: readonly Table[]): boolean {
  return all.some(
    (other) =>
      other !== entry &&
      Object.keys(tableOf(other['dependencies'])).map(normalizeName).includes(nameOf(entry)),
  )
}

function lockedPackage(entry: Table, all: readonly Table[], { path }: LockOptions): LockedPackage {
  const name = nameOf(entry)
  const type = textOf(tableOf(entry['source'])['type'])
  if (type === 'git' || type === 'directory' || type === 'file' || type === 'url')
    throw lockNotSupported(path, name, type === 'git' ? 'comes from Git' : 'is a file or folder')
  const hashes = tablesOf(entry['files'])
    .map(({ hash }) => /^sha256:([\da-f]{64})$/i.exec(textOf(hash) ?? '')?.[1]?.toLowerCase())
    .filter((hash) => hash !== undefined)
  const requiredBy = all.filter((other) =>
    Object.keys(tableOf(other['dependencies'])).some((one) => normalizeName(one) === name),
  )
  return {
    name,
    version: textOf(entry['version']) ?? '',
    files: undefined,
    hashes: hashes.length > 0 ? new Set(hashes) : undefined,
    requiredBy: requiredBy.map(nameOf).toSorted(),
  }
}

function nameOf(entry: Table): string {
  return normalizeName(textOf(entry['name']) ?? '')
}

/** The name in `redis (>=4,<5)`, as extras list packages. */
function nameIn(text: string): string {
  return normalizeName(/^[\w.-]+/.exec(text)?.[0] ?? '')
}

/** Poetry writes `*` for any version, and `>=2.7,<2.8 || >=3.4`. */
function alternatives(versions: string): Specifier[] {
  return versions.split('||').map((part) => new Specifier(part.trim() === '*' ? '' : part))
}
