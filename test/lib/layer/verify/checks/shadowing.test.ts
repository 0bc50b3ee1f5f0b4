import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const metadata = (name: string, version: string) => ({
  [`python/${name}-${version}.dist-info/METADATA`]: `Name: ${name}\nVersion: ${version}\n`,
})

const ids = async (files: Record<string, string>, python: string) =>
  (await findingsIn(files, { pythons: [python] })).map(({ id }) => id)

const user = (folder: string) => makeElf({ needed: ['libx.so.1'], rpath: `$ORIGIN/../${folder}` })

/** Two packages that bring a library of one name each. */
const twoLibraries = (second: Buffer) => ({
  'python/a/_a.abi3.so': user('a.libs'),
  'python/b/_b.abi3.so': user('b.libs'),
  'python/a.libs/libx.so.1': makeElf({ soname: 'libx.so.1' }),
  'python/b.libs/libx.so.1': second,
})

test('a module of the standard library is hidden', async () => {
  expect(await idsIn({ 'python/enum/__init__.py': '', 'python/dataclasses.py': '' })).toEqual([
    'standard-library-shadowed python/dataclasses.py',
    'standard-library-shadowed python/enum/__init__.py',
  ])
  expect(await idsIn({ 'python/mine/enum.py': '', 'python/enumerate.py': '' })).toEqual([])
})

test('half of the SDK pairs with the half of the runtime', async () => {
  const [finding] = await findingsIn(metadata('botocore', '1.40.0'))
  expect(finding).toMatchObject({ id: 'boto-pair', severity: 'warning', details: { other: 'boto3' } })
  expect(await idsIn({ ...metadata('botocore', '1.40.0'), ...metadata('boto3', '1.40.0') })).toEqual([
    'runtime-package-shadowed python/boto3-1.40.0.dist-info',
    'runtime-package-shadowed python/botocore-1.40.0.dist-info',
  ])
})

test("urllib3 2 meets python3.9's botocore", async () => {
  expect(await ids(metadata('urllib3', '2.5.0'), '3.9')).toContain('boto-pair')
  expect(await ids(metadata('urllib3', '1.26.20'), '3.9')).not.toContain('boto-pair')
  expect(await ids(metadata('urllib3', '2.5.0'), '3.13')).not.toContain('boto-pair')
})

test('one package in both folders', async () => {
  const other = 'python/lib/python3.13/site-packages'
  const files = { 'python/pkg/__init__.py': '', [`${other}/pkg/__init__.py`]: '', [`${other}/other.py`]: '' }
  const [finding, ...more] = await findingsIn(files)
  expect(more).toEqual([])
  expect(finding).toMatchObject({ id: 'package-twice', file: 'python/pkg' })
  expect(finding?.reason).toContain(`${other} as well, which comes first`)
})

test("a library with a name of the runtime's", async () => {
  const path = 'python/ortools/.libs/libz.so.1'
  const [finding] = await findingsIn({ [path]: makeElf({ soname: 'libz.so.1' }) })
  expect(finding).toMatchObject({ id: 'soname-of-runtime', severity: 'warning', file: path })
  expect(
    await idsIn({ 'python/ortools/.libs/libz-1234abcd.so.1': makeElf({ soname: 'libz-1234abcd.so.1' }) }),
  ).toEqual([])
})

test('two libraries with one name; copies of one do no harm', async () => {
  expect(await idsIn(twoLibraries(makeElf({ soname: 'libx.so.1' })))).toEqual([])
  expect(await idsIn(twoLibraries(makeElf({ soname: 'libx.so.1', needed: ['libc.so.6'] })))).toEqual([
    'soname-clash python/a.libs/libx.so.1',
  ])
})
