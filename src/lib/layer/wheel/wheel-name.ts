import { CruddurError } from '../../errors.ts'
import { normalizeName } from '../python/package-name.ts'

/** The name of a wheel's file taken apart (PyPA, "Binary distribution format", file name convention). */
export interface WheelName {
  file: string
  /** The package's name, normalised: `psycopg2-binary`. */
  name: string
  /** The version as it stands in the name. */
  version: string
  /** The number and the rest of the build tag, which decides between wheels that are otherwise alike. */
  build: readonly [number: number, rest: string] | undefined
  /** E.g. `cp313`, or `py2` and `py3`. */
  pythons: readonly string[]
  /** E.g. `cp313`, `abi3`, `none`. */
  abis: readonly string[]
  /** E.g. `manylinux2014_x86_64` and `manylinux_2_17_x86_64`, or `any`. */
  platforms: readonly string[]
}

/** More tags than any wheel has; the sets multiply each other. */
const MOST_TAGS = 4096

/**
 * Takes the name of a wheel's file apart.
 * @param file without folders
 * @throws {CruddurError} `WHEEL_NAME_INVALID`
 */
export function parseWheelName(file: string): WheelName {
  const parts = /\.whl$/i.test(file) ? file.slice(0, -'.whl'.length).split('-') : []
  const hasBuild = parts.length === 6
  const [name = '', version = '', ...rest] = parts
  const [buildTag, python = '', abi = '', platform = ''] = hasBuild ? rest : [undefined, ...rest]
  const build = buildTag === undefined ? undefined : /^(\d+)(\w*)$/.exec(buildTag)
  const sets = [python, abi, platform].map((set) => set.toLowerCase().split('.'))
  const [pythons = [], abis = [], platforms = []] = sets
  const isWrong =
    (parts.length !== 5 && !hasBuild) ||
    build === null ||
    !/^[a-z\d](?:[\w.]*[a-z\d])?$/i.test(name) ||
    !/^[\w.!+]+$/.test(version) ||
    sets.flat().some((tag) => !/^\w+$/.test(tag)) ||
    pythons.length * abis.length * platforms.length > MOST_TAGS
  if (isWrong)
    throw new CruddurError(`"${file}" is not the name of a wheel.`, {
      code: 'WHEEL_NAME_INVALID',
      hint: 'It looks like psycopg2_binary-2.9.13-cp313-cp313-manylinux2014_x86_64.whl.',
      details: { file },
    })
  return {
    file,
    name: normalizeName(name),
    version,
    build: build ? [Number(build[1]), build[2] ?? ''] : undefined,
    pythons,
    abis,
    platforms,
  }
}

/** Every tag that a wheel has: `cp313-cp313-manylinux2014_x86_64`, … */
export function wheelTags({ pythons, abis, platforms }: WheelName): string[] {
  return pythons.flatMap((python) =>
    abis.flatMap((abi) => platforms.map((platform) => `${python}-${abi}-${platform}`)),
  )
}
