import { UsageError } from '../errors.ts'

/** The systems that Lambda's Python runtimes stand on: Amazon Linux 2 and 2023. */
export type OperatingSystem = 'AL2' | 'AL2023'

/** The newest symbol version that a system's libraries define, by what such versions begin with. */
export type Ceilings = Readonly<Record<'GLIBC' | 'GLIBCXX' | 'CXXABI' | 'GCC' | 'ZLIB', string>>

/** A Python version that Lambda runs, without the `python` of its name there. */
export type PythonVersion = '3.9' | '3.10' | '3.11' | '3.12' | '3.13' | '3.14'

/** One of Lambda's Python runtimes. Dates are `YYYY-MM-DD`, and `undefined` where AWS has told none. */
export interface Runtime {
  python: PythonVersion
  /** Its name in Lambda's API. */
  name: `python${PythonVersion}`
  os: OperatingSystem
  glibc: readonly [major: number, minor: number]
  ceilings: Ceilings
  /** The image that runs functions; its tag with `-arm64` or `-x86_64` behind it is of that architecture. */
  image: string
  /** An image with a compiler, for what has no wheel. */
  buildImage: string
  /** From when on AWS gives no security updates. */
  deprecatedOn: string | undefined
  /** From when on no new function may use it. */
  blockCreateOn: string | undefined
  /** From when on no function that uses it may be changed. */
  blockUpdateOn: string | undefined
}

/**
 * What the systems have.
 * - glibc and gcc: AWS, "Comparing Amazon Linux 2 and AL2023", chapter on glibc, gcc and binutils (2.26 and 7.3; 2.34 and 11).
 * - GLIBCXX and CXXABI: libstdc++ manual, "ABI Policy and Guidelines", of gcc 7.2 and 11.1.
 * - GCC: libgcc's version nodes. `11.0` is one of AArch64 only; what is next on x86-64 is `12.0.0`, so one number serves both.
 * - ZLIB: the library's own version (1.2.7 and 1.2.11); its nodes are named by the version that brought them.
 */
const SYSTEMS: Readonly<Record<OperatingSystem, Pick<Runtime, 'glibc' | 'ceilings'>>> = {
  AL2: {
    glibc: [2, 26],
    ceilings: { GLIBC: '2.26', GLIBCXX: '3.4.24', CXXABI: '1.3.11', GCC: '7.0.0', ZLIB: '1.2.7' },
  },
  AL2023: {
    glibc: [2, 34],
    ceilings: { GLIBC: '2.34', GLIBCXX: '3.4.29', CXXABI: '1.3.13', GCC: '11.0', ZLIB: '1.2.11' },
  },
}

type Row = readonly [
  python: PythonVersion,
  os: OperatingSystem,
  deprecatedOn?: string,
  blockCreateOn?: string,
  blockUpdateOn?: string,
]

/** AWS Lambda Developer Guide, "Building Lambda functions with Python", table of the supported runtimes. */
const ROWS: readonly Row[] = [
  ['3.9', 'AL2', '2025-12-15'],
  ['3.10', 'AL2', '2026-10-31', '2026-11-30', '2027-01-15'],
  ['3.11', 'AL2', '2027-06-30', '2027-07-31', '2027-08-31'],
  ['3.12', 'AL2023', '2028-10-31', '2028-11-30', '2029-01-10'],
  ['3.13', 'AL2023', '2029-06-30', '2029-07-31', '2029-08-31'],
  ['3.14', 'AL2023', '2029-06-30', '2029-07-31', '2029-08-31'],
]

/** Lambda's Python runtimes, the oldest first. */
export const RUNTIMES: readonly Runtime[] = ROWS.map(
  ([python, os, deprecatedOn, blockCreateOn, blockUpdateOn]): Runtime => ({
    python,
    name: `python${python}`,
    os,
    glibc: SYSTEMS[os].glibc,
    ceilings: SYSTEMS[os].ceilings,
    image: `public.ecr.aws/lambda/python:${python}`,
    buildImage: `public.ecr.aws/sam/build-python${python}`,
    deprecatedOn,
    blockCreateOn,
    blockUpdateOn,
  }),
)

/** The runtime that a layer is for when nobody says otherwise. */
export const DEFAULT_PYTHON: PythonVersion = '3.13'

/**
 * Finds a runtime by its Python version, `3.13`, or by its name, `python3.13`.
 * @throws {UsageError} `UNKNOWN_RUNTIME`
 */
export function findRuntime(version: string): Runtime {
  const runtime = RUNTIMES.find(({ python, name }) => version === python || version === name)
  if (runtime) return runtime
  throw new UsageError(`Lambda has no runtime for Python "${version}".`, {
    code: 'UNKNOWN_RUNTIME',
    hint: `It has ${RUNTIMES.map(({ python }) => python).join(', ')}.`,
    details: { python: version },
  })
}
