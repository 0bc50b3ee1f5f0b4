import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ZipFile } from '../../../../src/lib/layer/zip/write-zip.ts'
import { verifyLayer, type VerifyLayerResult } from '../../../../src/lib/layer/verify/verify-layer.ts'
import {
  layerFolder,
  type LayerFolderForTests,
  type WheelLayerOptions,
} from '../../../support/layer/make-layer.ts'
import { requireWheels, type WheelKey } from '../../../support/layer/wheels.ts'

// Wheels of the package index, as layers: what each needs was read out of it with readelf before.

let place: LayerFolderForTests

beforeAll(() => {
  place = layerFolder()
})
afterAll(() => place.remove())

/** Long enough to fetch a wheel of 50 MB. */
const FETCHING = 300_000

interface Judged extends WheelLayerOptions {
  pythons?: readonly string[]
  arch?: string
}

/** Builds a layer of wheels and verifies it. */
async function judge(
  keys: readonly WheelKey[],
  skip: (reason: string) => void,
  { pythons, arch, ...options }: Judged = {},
): Promise<VerifyLayerResult> {
  const path = await place.wheels(await requireWheels(keys, skip), options)
  return verifyLayer({ path, pythons, arch, now: () => new Date('2026-11-01T00:00:00Z') })
}

const errorsOf = ({ findings }: VerifyLayerResult) =>
  findings
    .filter(({ severity }) => severity === 'error')
    .map(({ id, file }) => `${id} ${file.split('/').at(-1)}`)

/** What is no error, no remark: nothing of what is usual may look wrong. */
const warningsOf = ({ findings }: VerifyLayerResult) =>
  findings
    .filter(({ severity }) => severity === 'warning')
    .map(({ id, file }) => `${id} ${file.split('/').at(-1)}`)

/** A wheel, the Python it is judged for, and the errors; none where it works. */
const EXPECTED: readonly (readonly [WheelKey, python: string, ...errors: string[]])[] = [
  ['psycopg2-binary-2.9.13-cp311-x86_64', '3.11'],
  ['psycopg2-binary-2.9.13-cp313-x86_64', '3.13'],
  ['psycopg2-binary-2.9.13-cp313-arm64', '3.13'],
  // Built on a newer system than that for x86_64: one of its libraries needs what Amazon Linux 2 lacks.
  ['psycopg2-binary-2.9.13-cp311-arm64', '3.11', 'glibc-version libgssapi_krb5-42536122.so.2.2'],
  [
    'pillow-12.3.0-cp311-x86_64',
    '3.11',
    'glibc-version _imagingmath.cpython-311-x86_64-linux-gnu.so',
    'glibc-version libavif-8a7f9d56.so.16.4.2',
    'glibc-version libsharpyuv-0066295b.so.0.1.2',
  ],
  ['pillow-11.3.0-cp311-x86_64', '3.11'],
  ['pillow-11.3.0-cp311-arm64', '3.11'],
  ['pillow-13.0.0-cp313-x86_64', '3.13'],
  ['pillow-13.0.0-cp313-arm64', '3.13'],
  ['pydantic-core-2.50.4-cp313-x86_64', '3.13'],
  ['pydantic-core-2.50.4-cp313-arm64', '3.13'],
  ['numpy-2.2.6-cp311-x86_64', '3.11'],
  [
    'numpy-2.3.5-cp311-x86_64',
    '3.11',
    ...[
      '_multiarray_tests',
      '_multiarray_umath',
      '_umath_linalg',
      '_bounded_integers',
      '_generator',
      'mtrand',
    ].map((name) => `glibc-version ${name}.cpython-311-x86_64-linux-gnu.so`),
  ],
  ['numpy-2.5.5-cp313-x86_64', '3.13'],
  ['numpy-2.5.5-cp313-arm64', '3.13'],
  ['pandas-2.3.3-cp311-x86_64', '3.11'],
  ['pandas-3.1.1-cp313-arm64', '3.13'],
  [
    'pyarrow-25.0.1-cp311-x86_64',
    '3.11',
    'glibc-version libarrow.so.2500',
    'glibc-version libarrow_compute.so.2500',
  ],
  ['pyarrow-26.0.1-cp313-x86_64', '3.13'],
  ['pyarrow-26.0.1-cp313-arm64', '3.13'],
  // Exactly at the edge of Amazon Linux 2023.
  ['cryptography-50.0.2-abi3-x86_64', '3.12'],
  ['cryptography-50.0.2-abi3-arm64', '3.14'],
  ['cryptography-50.0.2-abi3-x86_64', '3.11', 'glibc-version _rust.abi3.so'],
  ['shiboken6-6.11.2-abi3-x86_64', '3.12'],
  ['shiboken6-6.11.2-abi3-x86_64', '3.11', 'libstdcxx-version libshiboken6.abi3.so.6.11'],
  ['lightgbm-4.7.0-x86_64', '3.13', 'library-missing lib_lightgbm.so'],
  ['lightgbm-4.7.0-x86_64', '3.11', 'glibc-version lib_lightgbm.so', 'library-missing lib_lightgbm.so'],
  ['pyodbc-5.3.0-cp311-x86_64', '3.11', 'library-missing pyodbc.cpython-311-x86_64-linux-gnu.so'],
  ['uv-0.13.9-x86_64', '3.11'],
  ['pydantic-2.14.3-any', '3.11'],
]

test.for(EXPECTED.map(([key, python, ...errors]) => ({ key, python, errors })))(
  '$key on python$python',
  { timeout: FETCHING },
  async ({ key, python, errors }, { skip }) => {
    const result = await judge([key], skip, { pythons: [python] })
    expect(errorsOf(result)).toEqual(errors)
    expect(warningsOf(result)).toEqual([])
    expect(result.ok).toBe(errors.length === 0)
  },
)

test('psycopg2 on python3.11 needs glibc 2.17 only', { timeout: FETCHING }, async ({ skip }) => {
  const result = await judge(['psycopg2-binary-2.9.13-cp311-x86_64'], skip)
  expect(result).toMatchObject({ ok: true, runtimes: ['python3.11'], architecture: 'x86_64' })
  expect(result.versions['GLIBC']).toBe('GLIBC_2.17')
})

test(
  'pillow 12.3 on python3.11: a newer runtime or an older pillow',
  { timeout: FETCHING },
  async ({ skip }) => {
    const { findings } = await judge(['pillow-12.3.0-cp311-x86_64'], skip)
    for (const { reason, remedy, production } of findings.slice(0, 3)) {
      expect(reason).toContain('GLIBC_2.27')
      expect(remedy).toContain('python3.12 or newer')
      expect(remedy).toContain('"pillow<12.3.0"')
      expect(production).toMatch(
        /^ImportError: \/lib64\/lib[mc]\.so\.6: version `GLIBC_2\.27' not found \(required by \/opt\/python\//,
      )
    }
  },
)

const SIX: readonly WheelKey[] = [
  'psycopg2-binary-2.9.13-cp313-x86_64',
  'pillow-13.0.0-cp313-x86_64',
  'pydantic-2.14.3-any',
  'pydantic-core-2.50.4-cp313-x86_64',
  'pyarrow-26.0.1-cp313-x86_64',
  'numpy-2.5.5-cp313-x86_64',
  'pandas-3.1.1-cp313-x86_64',
]

test(
  'six packages are too large, and it is said which of them are',
  { timeout: FETCHING },
  async ({ skip }) => {
    const result = await judge(SIX, skip)
    expect(errorsOf(result)).toEqual(['unzipped-size '])
    expect(result.findings[0]?.reason).toMatch(/most are in pyarrow [\d,]+, numpy [\d,]+, pandas [\d,]+/)
    expect(result.components.slice(0, 3).map(({ name }) => name)).toEqual(['pyarrow', 'numpy', 'pandas'])
    const sum = result.components.reduce((total, { size }) => total + size, 0)
    expect(sum).toBe(result.sizes.unzipped)
  },
)

test('wheels for the other processor: every file is told of', { timeout: FETCHING }, async ({ skip }) => {
  const result = await judge(['psycopg2-binary-2.9.13-cp313-x86_64'], skip, { arch: 'arm64' })
  const machines = result.findings.filter(({ id }) => id === 'elf-machine')
  expect(machines).toHaveLength(result.elf.length)
  expect(result.findings).toHaveLength(machines.length)
  expect(machines[0]?.production).toContain("No module named 'psycopg2._psycopg'")
})

test('wheels for another Python', { timeout: FETCHING }, async ({ skip }) => {
  const result = await judge(['pydantic-core-2.50.4-cp313-arm64'], skip, { pythons: ['3.12'] })
  expect(errorsOf(result)).toEqual(['abi-tag _pydantic_core.cpython-313-aarch64-linux-gnu.so'])
})

test('the stable ABI of a newer Python', { timeout: FETCHING }, async ({ skip }) => {
  const result = await judge(['cryptography-50.0.2-abi3-x86_64'], skip, { pythons: ['3.10'] })
  expect(errorsOf(result)).toContain('abi3-floor _rust.abi3.so')
})

test('modes, root and folder of a layer that was packed by hand', { timeout: FETCHING }, async ({ skip }) => {
  const key: WheelKey = 'psycopg2-binary-2.9.13-cp311-x86_64'
  const changed = (change: (file: ZipFile) => ZipFile) =>
    judge([key], skip, { pythons: ['3.11'], change: (files) => files.map(change) })
  const locked = await changed((file) =>
    file.name.endsWith('/extras.py') ? { ...file, permissions: 0o600 } : file,
  )
  expect(errorsOf(locked)).toEqual(['file-not-readable extras.py'])
  const atRoot = await changed((file) => ({ ...file, name: file.name.replace('python/', '') }))
  expect(errorsOf(atRoot)).toEqual(['no-python-folder '])
  expect(atRoot.findings[0]?.production).toContain("No module named 'psycopg2'")
  const other = await judge([key], skip, { pythons: ['3.11'], layout: 'site-packages', python: '3.12' })
  expect(errorsOf(other)).toEqual(['wrong-python-folder site-packages'])
})

test('metadata deleted: importlib.metadata will fail', { timeout: FETCHING }, async ({ skip }) => {
  const result = await judge(['numpy-2.2.6-cp311-x86_64'], skip, {
    change: (files) => files.filter(({ name }) => !name.includes('.dist-info/')),
  })
  const [finding] = result.findings
  expect(finding?.id).toBe('dist-info-missing')
  expect(finding?.reason).toContain('importlib.metadata will fail for numpy')
})

test('a tag that says manylinux1, and symbols of 2.28', { timeout: FETCHING }, async ({ skip }) => {
  const { findings } = await judge(['wasmtime-50.0.1-x86_64'], skip, { pythons: ['3.13'] })
  expect(findings.map(({ id }) => id)).toEqual(['tag-too-old'])
  expect(findings[0]?.reason).toContain('manylinux1 (glibc 2.5), its symbols need GLIBC_2.28')
})
