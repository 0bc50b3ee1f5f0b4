import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const EXTENSION = 'cpython-313-x86_64-linux-gnu.so'

/** A package with metadata, as pip leaves it. */
function installed(
  name: string,
  version: string,
  files: Readonly<Record<string, string | Buffer>>,
  metadata: readonly string[] = [],
): Record<string, string | Buffer> {
  const info = `${name}-${version}.dist-info`
  const rows = Object.entries(files).map(([path, content]) => `${path},,${Buffer.byteLength(content)}\n`)
  const all: Record<string, string | Buffer> = {
    ...files,
    [`${info}/METADATA`]: `Name: ${name}\nVersion: ${version}\n${metadata.join('\n')}\n\nText\n`,
    [`${info}/RECORD`]: `${rows.join('')}${info}/RECORD,,\n`,
  }
  return Object.fromEntries(Object.entries(all).map(([path, content]) => [`python/${path}`, content]))
}

const without = (files: Readonly<Record<string, string | Buffer>>, ...parts: string[]) =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !parts.some((part) => path.includes(part))))

const PSYCOPG2 = installed('psycopg2_binary', '2.9.13', {
  'psycopg2/__init__.py': 'from psycopg2._psycopg import connect\n',
  'psycopg2/extras.py': '',
  [`psycopg2/_psycopg.${EXTENSION}`]: makeElf(),
  'psycopg2/notes.dat': 'x',
  'psycopg2/tests/test_all.py': '',
  'psycopg2/py.typed': '',
  'psycopg2_binary.libs/libpq-1234.so.5.17': makeElf(),
})

test('a package with all its files', async () => {
  expect(await idsIn(PSYCOPG2)).toEqual([])
})

test('tests, caches, headers and stubs may be left out', async () => {
  expect(await idsIn(without(PSYCOPG2, 'tests/', 'py.typed'))).toEqual([])
})

test('the compiled part is missing: one of the three famous errors', async () => {
  const [finding, ...more] = await findingsIn(without(PSYCOPG2, '_psycopg.'))
  expect(more).toEqual([])
  expect(finding).toMatchObject({ id: 'critical-file-missing', severity: 'error', file: 'python/psycopg2' })
  expect(finding?.production).toContain("No module named 'psycopg2._psycopg'")
})

test('a module or a bundled library is missing', async () => {
  const findings = await findingsIn(without(PSYCOPG2, 'extras.py', 'libpq'))
  expect(findings.map(({ id, production }) => `${id}: ${production}`)).toEqual([
    "package-file-missing: Runtime.ImportModuleError: Unable to import module 'app': No module named 'psycopg2.extras'",
    'package-file-missing: ImportError: libpq-1234.so.5.17: cannot open shared object file: No such file or directory',
  ])
})

test('data that is missing is a warning: only the package knows whether it asks for it', async () => {
  const [finding] = await findingsIn(without(PSYCOPG2, 'notes.dat'))
  expect(finding).toMatchObject({ id: 'package-data-missing', severity: 'warning' })
})

test('files of another size are told of once per package', async () => {
  const files = { ...PSYCOPG2, 'python/psycopg2/extras.py': 'edited', 'python/psycopg2/notes.dat': 'edited' }
  const [finding, ...more] = await findingsIn(files)
  expect(more).toEqual([])
  expect(finding).toMatchObject({ id: 'package-file-changed', severity: 'info' })
  expect(finding?.details['files']).toEqual(['python/psycopg2/extras.py', 'python/psycopg2/notes.dat'])
})

test('metadata was pruned', async () => {
  const [finding, ...more] = await findingsIn(without(PSYCOPG2, 'dist-info'))
  expect(more).toEqual([])
  expect(finding).toMatchObject({ id: 'dist-info-missing', severity: 'warning' })
  expect(finding?.reason).toContain('importlib.metadata will fail for psycopg2-binary')
  expect(finding?.production).toContain('PackageNotFoundError')
})

test('it is an error when the package asks for its own version as it is imported', async () => {
  const numpy = installed('numpy', '2.4.6', {
    'numpy/__init__.py': 'from importlib.metadata import version\n__version__ = version("numpy")\n',
    [`numpy/_core/_multiarray_umath.${EXTENSION}`]: makeElf(),
  })
  expect(await idsIn(numpy)).toEqual([])
  const [finding] = await findingsIn(without(numpy, 'dist-info'))
  expect(finding).toMatchObject({ id: 'dist-info-missing', severity: 'error' })
  expect(finding?.reason).toContain('python/numpy/__init__.py asks for it')
})

test('code of your own needs no metadata', async () => {
  expect(await idsIn({ 'python/my_company/__init__.py': 'import importlib.metadata\n' })).toEqual([])
})

test('METADATA alone was pruned', async () => {
  const [finding] = await findingsIn(without(PSYCOPG2, 'METADATA'))
  expect(finding).toMatchObject({ id: 'dist-info-broken', severity: 'error' })
})

test('one version was installed over another', async () => {
  const older = installed('psycopg2_binary', '2.9.9', {})
  const [finding] = await findingsIn({ ...PSYCOPG2, ...older })
  expect(finding?.id).toBe('package-versions-mixed')
  expect(finding?.reason).toContain('2.9.13 and 2.9.9')
})
