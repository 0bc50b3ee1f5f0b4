import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { UsageError } from '../../errors.ts'
import type { LockedPackage, LockOptions } from '../lock/locked-package.ts'
import { readPoetryLock } from '../lock/poetry-lock.ts'
import { readPylock } from '../lock/pylock.ts'
import { readPyproject } from '../lock/pyproject.ts'
import { readUvLock } from '../lock/uv-lock.ts'
import type { MarkerEnvironment } from '../python/marker.ts'
import { parseRequirement } from '../python/requirement.ts'
import { type FileRequirement, readRequirementsFile } from '../python/requirements-file.ts'
import type { IndexSettings } from './index-client.ts'

/** Packages that are asked for; versions are still to be chosen. */
export interface RequirementInputs {
  kind: 'requirements'
  requirements: FileRequirement[]
  constraints: FileRequirement[]
  /** Where packages come from, as the files say. */
  index: IndexSettings
  /** Whether files may only be taken by a hash that is given. */
  requireHashes: boolean
  /** Options in files that mean nothing here. */
  ignored: string[]
}

/** Packages that a lock pins. */
export interface LockInputs {
  kind: 'lock'
  packages: LockedPackage[]
}

/** What a layer is asked to hold. */
export type Inputs = (RequirementInputs | LockInputs) & {
  /** For people: `requirements.txt`, `the command line`. */
  origin: string
  /** Files that were read: when one of them changes, so may the layer. */
  files: string[]
  /** Why it is this, where nobody said so. */
  note: string | undefined
}

export interface InputOptions {
  /** What relative paths begin at. */
  directory: string
  /** Requirements as given: `psycopg2-binary`, `pillow==11.3.0`. */
  requirements?: readonly string[] | undefined
  /** Files as given; what they are is told by their names. */
  files?: readonly string[] | undefined
  extras?: readonly string[] | undefined
  groups?: readonly string[] | undefined
  /** Markers in locks are judged for this machine. */
  target: MarkerEnvironment
  /** For `${VARIABLES}` in requirements files. */
  environment: Readonly<Record<string, string | undefined>>
}

/** What the layer is made of when nobody says anything: the package that layers fail with most. */
const USUAL = 'psycopg2-binary'

type LockReader = (options: LockOptions) => LockedPackage[]

/** Locks by the names of their files. */
const LOCKS: readonly (readonly [RegExp, LockReader])[] = [
  [/^uv\.lock$/, readUvLock],
  [/^pylock(?:\.[^.]+)?\.toml$/, readPylock],
  [/^poetry\.lock$/, readPoetryLock],
]

/**
 * Reads what a layer is to hold.
 * @throws {UsageError} `INPUTS_MIXED`, `INPUTS_AMBIGUOUS`; what reading a file throws
 */
export function readInputs(options: InputOptions): Inputs {
  const { requirements = [], files = [] } = options
  if (requirements.length > 0 || files.length > 0) return { ...given(options), note: undefined }
  const found = usualFile(options.directory)
  if (found === undefined)
    return {
      ...given({ ...options, requirements: [USUAL] }),
      note: `Nothing was asked for, and there is no requirements.txt: the layer gets ${USUAL}.`,
    }
  return {
    ...given({ ...options, files: [found] }),
    note: `Nothing was asked for: the layer gets what ${found} says.`,
  }
}

function given(options: InputOptions): Inputs {
  const { directory, requirements = [], files = [], extras = [], groups = [], target, environment } = options
  const lock = files.find((file) => lockReader(file))
  if (lock !== undefined) {
    if (files.length + requirements.length > 1)
      throw new UsageError(`"${lock}" pins everything, so nothing else can be asked for beside it.`, {
        code: 'INPUTS_MIXED',
        hint: 'Add the package to the project and lock it again, or leave the lock out.',
      })
    const path = resolve(directory, lock)
    const packages = lockReader(lock)?.({ path, environment: target, extras, groups }) ?? []
    return { kind: 'lock', packages, origin: lock, files: [path], note: undefined }
  }
  const parts = files.map((file) => filePart(file, options))
  const ownIndex = parts.map(({ index }) => index)
  return {
    kind: 'requirements',
    requirements: [
      ...requirements.map((text) => ({
        requirement: parseRequirement(text),
        text,
        hashes: [],
        origin: 'the command line',
      })),
      ...parts.flatMap((part) => part.requirements),
    ],
    constraints: parts.flatMap((part) => part.constraints),
    index: {
      indexUrl: ownIndex.findLast(({ indexUrl }) => indexUrl !== undefined)?.indexUrl,
      extraIndexUrls: ownIndex.flatMap(({ extraIndexUrls = [] }) => extraIndexUrls),
      findLinks: ownIndex.flatMap(({ findLinks = [] }) => findLinks),
      noIndex: ownIndex.some(({ noIndex }) => noIndex),
    },
    requireHashes: parts.some((part) => part.requireHashes),
    ignored: parts.flatMap((part) => part.ignored),
    origin: [...files, ...(requirements.length > 0 ? ['the command line'] : [])].join(', '),
    files: parts.flatMap((part) => part.files),
    note: undefined,
  }

  function filePart(
    file: string,
    { directory: folder }: InputOptions,
  ): RequirementInputs & { files: string[] } {
    const path = resolve(folder, file)
    if (basename(file) === 'pyproject.toml') {
      const found = readPyproject({ path, shown: file, extras, groups })
      return {
        kind: 'requirements',
        requirements: found.map(({ requirement, text, origin }) => ({
          requirement,
          text,
          origin,
          hashes: [],
        })),
        constraints: [],
        index: {},
        requireHashes: false,
        ignored: [],
        files: [path],
      }
    }
    const read = readRequirementsFile(path, { directory: folder, environment })
    const { indexUrl, extraIndexUrls, findLinks, noIndex, ...rest } = read
    const hashed = rest.requirements.some(({ hashes }) => hashes.length > 0)
    return {
      kind: 'requirements',
      ...rest,
      index: { indexUrl, extraIndexUrls, findLinks, noIndex },
      requireHashes: rest.requireHashes || hashed,
    }
  }
}

function lockReader(file: string): LockReader | undefined {
  return LOCKS.find(([name]) => name.test(basename(file)))?.[1]
}

/** The requirements file of a project's layer; relative. */
function usualFile(directory: string): string | undefined {
  const layers = join(directory, 'layers')
  const folders = existsSync(layers) ? readdirSync(layers).toSorted() : []
  const found = folders
    .map((folder) => join('layers', folder, 'requirements.txt'))
    .filter((file) => existsSync(join(directory, file)))
  if (found.length > 1)
    throw new UsageError(`There are several layers: ${found.join(', ')}.`, {
      code: 'INPUTS_AMBIGUOUS',
      hint: `Say which one: -r ${found[0]}`,
    })
  if (found[0] !== undefined) return found[0]
  return existsSync(join(directory, 'requirements.txt')) ? 'requirements.txt' : undefined
}
