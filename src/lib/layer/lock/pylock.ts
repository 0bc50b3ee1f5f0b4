import { UsageError } from '../../errors.ts'
import { holds, parseMarker } from '../python/marker.ts'
import { normalizeName } from '../python/package-name.ts'
import { Specifier } from '../python/specifier.ts'
import { parseVersion } from '../python/version.ts'
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

/** What a package in the file may be instead of files of an index. */
const NOT_FILES: Readonly<Record<string, string>> = {
  vcs: 'comes from version control',
  directory: 'is a folder',
  archive: 'is an archive of sources',
}

/**
 * What a `pylock.toml` (PEP 751) pins for a machine. It says for each package when it counts, so nothing is to be followed.
 * @throws {UsageError} `FILE_NOT_READABLE`, `LOCK_INVALID`, `LOCK_NOT_FOR_TARGET`, `REQUIREMENT_NOT_SUPPORTED`
 */
export function readPylock(options: LockOptions): LockedPackage[] {
  const { path, environment, extras, groups } = options
  const lock = readToml(path)
  const format = textOf(lock['lock-version']) ?? ''
  if (!format.startsWith('1.')) throw lockInvalid(path, `its lock-version "${format}" is not 1.x`)
  requireTarget(lock, options)
  const wanted = { extras, groups: [...textsOf(lock['default-groups']), ...groups] }
  const packages = tablesOf(lock['packages']).filter((entry) => {
    const marker = textOf(entry['marker'])
    return marker === undefined || holds(parseMarker(marker), environment, wanted)
  })
  return packages.map((entry) => lockedPackage(entry, packages, path))
}

/** The file may be for some machines only. */
function requireTarget(lock: Table, { path, environment }: LockOptions): void {
  const environments = textsOf(lock['environments'])
  const python = textOf(lock['requires-python'])
  const version = parseVersion(environment.python_full_version)
  const isFor =
    (environments.length === 0 || environments.some((marker) => holds(parseMarker(marker), environment))) &&
    (python === undefined || version === undefined || new Specifier(python).allows(version))
  if (isFor) return
  throw new UsageError(
    `"${path}" is not made for Python ${environment.python_version} on Linux ${environment.platform_machine}.`,
    {
      code: 'LOCK_NOT_FOR_TARGET',
      hint: 'Lock for that machine, or take the Python version that it is for: --python',
      details: { environments, requiresPython: python },
    },
  )
}

function lockedPackage(entry: Table, all: readonly Table[], path: string): LockedPackage {
  const name = normalizeName(textOf(entry['name']) ?? '')
  const odd = Object.keys(NOT_FILES).find((kind) => kind in entry)
  if (odd !== undefined) throw lockNotSupported(path, name, NOT_FILES[odd] ?? '')
  const source = 'sdist' in entry ? [tableOf(entry['sdist'])] : []
  const files = [...tablesOf(entry['wheels']), ...source].map((file) => lockedFile(file, path))
  const requiredBy = all
    .filter((other) => tablesOf(other['dependencies']).some((one) => one['name'] === entry['name']))
    .map((other) => normalizeName(textOf(other['name']) ?? ''))
  return {
    name,
    version: textOf(entry['version']) ?? '',
    files,
    hashes: hashesOf(files),
    requiredBy: [...new Set(requiredBy)].toSorted(),
  }
}
