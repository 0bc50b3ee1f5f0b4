import { expect, test } from 'vitest'
import { type ElfOptions, makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const PATH = 'python/pkg/_ext.so'

/** A library that needs a symbol version of a library. */
function needing(library: string, name: string, options: ElfOptions & { weak?: boolean } = {}): Buffer {
  const { weak = false, ...rest } = options
  return makeElf({ needed: [library], versionNeeds: [{ library, versions: [{ name, weak }] }], ...rest })
}

/** A library that defines symbol versions. */
const defining = (...names: string[]) =>
  makeElf({
    soname: 'libfoo.so.1',
    versionDefinitions: names.map((name) => ({ name, base: false, parents: [] })),
  })

// The newest that each system has, and the next: research of AWS' documents and the libraries' own histories.
test.each([
  ['3.11', 'libc.so.6', 'GLIBC_2.26', 'GLIBC_2.27', 'glibc-version'],
  ['3.12', 'libc.so.6', 'GLIBC_2.34', 'GLIBC_2.35', 'glibc-version'],
  ['3.11', 'libstdc++.so.6', 'GLIBCXX_3.4.24', 'GLIBCXX_3.4.25', 'libstdcxx-version'],
  ['3.12', 'libstdc++.so.6', 'GLIBCXX_3.4.29', 'GLIBCXX_3.4.30', 'libstdcxx-version'],
  ['3.11', 'libstdc++.so.6', 'CXXABI_1.3.11', 'CXXABI_1.3.12', 'libstdcxx-version'],
  ['3.11', 'libgcc_s.so.1', 'GCC_7.0.0', 'GCC_12.0.0', 'libgcc-version'],
  ['3.11', 'libz.so.1', 'ZLIB_1.2.5.2', 'ZLIB_1.2.9', 'zlib-version'],
])('python%s, %s: %s is there, %s is not', async (python, library, there, missing, id) => {
  expect(await idsIn({ [PATH]: needing(library, there) }, { pythons: [python] })).toEqual([])
  expect(await idsIn({ [PATH]: needing(library, missing) }, { pythons: [python] })).toEqual([`${id} ${PATH}`])
})

test('it says what the loader says, what is there, and what to do', async () => {
  const [finding] = await findingsIn({ [PATH]: needing('libm.so.6', 'GLIBC_2.28') }, { pythons: ['3.11'] })
  expect(finding).toMatchObject({
    severity: 'error',
    reason: 'it needs GLIBC_2.28; glibc of python3.11 has GLIBC_2.26 at most.',
    production:
      "ImportError: /lib64/libm.so.6: version `GLIBC_2.28' not found (required by /opt/python/pkg/_ext.so)",
  })
  expect(finding?.remedy).toContain('python3.12 or newer')
  const [newest] = await findingsIn({ [PATH]: needing('libm.so.6', 'GLIBC_2.38') })
  expect(newest?.remedy).toContain('No runtime has it yet')
})

test('the loader only warns of weak versions', async () => {
  const file = needing('libc.so.6', 'GLIBC_2.36', { weak: true })
  const [finding] = await findingsIn({ [PATH]: file })
  expect(finding).toMatchObject({ id: 'glibc-version', severity: 'warning' })
  expect(finding?.production).toContain("weak version `GLIBC_2.36' not found")
})

test('versions that are no numbers', async () => {
  expect(await idsIn({ [PATH]: needing('libstdc++.so.6', 'CXXABI_FLOAT128') })).toEqual([])
  expect(await idsIn({ [PATH]: needing('libc.so.6', 'GLIBC_ABI_DT_RELR') })).toEqual([
    `glibc-version ${PATH}`,
  ])
  expect(await idsIn({ [PATH]: needing('libc.so.6', 'GLIBC_PRIVATE') })).toEqual([`private-symbols ${PATH}`])
})

test('libraries of the layer are held against what they define, not against the runtime', async () => {
  const user = needing('libfoo.so.1', 'GLIBC_2.99', { rpath: '$ORIGIN' })
  const path = 'python/pkg/libfoo.so.1'
  expect(await idsIn({ [PATH]: user, [path]: defining('GLIBC_2.99') })).toEqual([])
  // A library without versions is taken as it is.
  expect(await idsIn({ [PATH]: user, [path]: defining() })).toEqual([])
  const [finding] = await findingsIn({ [PATH]: user, [path]: defining('OTHER_1') })
  expect(finding).toMatchObject({
    id: 'library-version',
    production:
      "ImportError: /opt/python/pkg/libfoo.so.1: version `GLIBC_2.99' not found (required by /opt/python/pkg/_ext.so)",
  })
})

test('several runtimes: each that is too old is named', async () => {
  const findings = await findingsIn(
    { [PATH]: needing('libc.so.6', 'GLIBC_2.28') },
    { pythons: ['3.11', '3.12'] },
  )
  expect(findings.map(({ id, details }) => [id, details['runtime']])).toEqual([
    ['glibc-version', 'python3.11'],
  ])
})
