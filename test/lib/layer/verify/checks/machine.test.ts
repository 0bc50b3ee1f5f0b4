import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const ARM64 = 183
const TAGGED = 'python/pkg/_ext.cpython-313-x86_64-linux-gnu.so'

test('files for the right processor', async () => {
  expect(await idsIn({ [TAGGED]: makeElf() })).toEqual([])
  const path = 'python/pkg/_ext.cpython-313-aarch64-linux-gnu.so'
  expect(await idsIn({ [path]: makeElf({ machine: ARM64 }) }, { arch: 'arm64' })).toEqual([])
})

test('Python does not see a module that is named for another processor', async () => {
  const [finding, ...more] = await findingsIn({ [TAGGED]: makeElf() }, { arch: 'arm64' })
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    id: 'elf-machine',
    severity: 'error',
    production: "Runtime.ImportModuleError: Unable to import module 'app': No module named 'pkg._ext'",
    details: { machine: 62, wanted: 183 },
  })
  expect(finding?.remedy).toContain('--python 3.13 --arch arm64')
})

test('the loader passes over libraries of another processor, and says that they are not there', async () => {
  const files = { 'python/pkg/_rust.abi3.so': makeElf({ machine: ARM64 }) }
  const [finding] = await findingsIn(files)
  expect(finding).toMatchObject({
    id: 'elf-machine',
    production:
      'ImportError: /opt/python/pkg/_rust.abi3.so: cannot open shared object file: No such file or directory',
  })
})

test('32 bits, and a program', async () => {
  const findings = await findingsIn({
    'bin/tool': makeElf({ machine: ARM64, interpreter: '/lib/ld-linux-aarch64.so.1' }),
    'python/pkg/old.so': makeElf({ bits: 32, machine: 3 }),
  })
  expect(findings.filter(({ id }) => id === 'elf-machine').map(({ production }) => production)).toEqual([
    "OSError: [Errno 8] Exec format error: '/opt/bin/tool'",
    'ImportError: /opt/python/pkg/old.so: wrong ELF class: ELFCLASS32',
  ])
})

test('the right processor with 32-bit addresses', async () => {
  const path = 'python/pkg/_x32.so'
  expect(await idsIn({ [path]: makeElf({ bits: 32 }) })).toEqual([`elf-machine ${path}`])
})

test('a package that brings a library for each system is told of only', async () => {
  const info = 'python/debugpy-1.0.dist-info'
  const findings = await findingsIn({
    'python/debugpy/attach_amd64.so': makeElf(),
    'python/debugpy/attach_arm64.so': makeElf({ machine: ARM64 }),
    [`${info}/METADATA`]: 'Name: debugpy\nVersion: 1.0\n',
    [`${info}/RECORD`]: 'debugpy/attach_amd64.so,,\ndebugpy/attach_arm64.so,,\n',
  })
  expect(findings.map(({ id, severity, file }) => [id, severity, file])).toEqual([
    ['elf-machine', 'warning', 'python/debugpy/attach_arm64.so'],
  ])
})

test.each([
  ['a library of macOS', Buffer.from('cffaedfe0700000100', 'hex'), 'macOS'],
  [
    'a pointer of Git LFS',
    Buffer.from(`version https://git-lfs.github.com/spec/v1\n${'x'.repeat(80)}`),
    'no ELF file',
  ],
  ['nothing', Buffer.alloc(0), 'empty'],
])('%s in the place of a library', async (_, content, reason) => {
  const [finding] = await findingsIn({ 'python/pkg/_fast.so': content })
  expect(finding).toMatchObject({ id: 'elf-invalid', severity: 'error' })
  expect(finding?.reason).toContain(reason)
  expect(finding?.production).toContain(content.length < 64 ? 'file too short' : 'invalid ELF header')
})

test('packages installed on macOS: the module has a name that Linux does not look for', async () => {
  const findings = await findingsIn({
    'python/pkg/_ext.cpython-313-darwin.so': Buffer.from('cffaedfe07000001', 'hex'),
  })
  expect(findings.map(({ id, production }) => [id, production])).toEqual([
    ['elf-invalid', "Runtime.ImportModuleError: Unable to import module 'app': No module named 'pkg._ext'"],
  ])
})

test('packages installed on Windows', async () => {
  const pe = Buffer.from('MZ\x90\0')
  const [finding] = await findingsIn({ 'python/pkg/_ext.cp313-win_amd64.pyd': pe })
  expect(finding?.id).toBe('elf-invalid')
  // A launcher that some packages carry along does no harm.
  expect(await idsIn({ 'python/pip/t64.exe': pe })).toEqual(['foreign-binary python/pip/t64.exe'])
})

test('an ELF file that is cut off', async () => {
  const [finding] = await findingsIn({ [TAGGED]: makeElf({ needed: ['libc.so.6'] }).subarray(0, 150) })
  expect(finding).toMatchObject({ id: 'elf-damaged', severity: 'error', file: TAGGED })
})
