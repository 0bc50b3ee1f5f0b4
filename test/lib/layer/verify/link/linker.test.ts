import { expect, test } from 'vitest'
import { findArchitecture } from '../../../../../src/lib/layer/architectures.ts'
import { readElf } from '../../../../../src/lib/layer/elf/read-elf.ts'
import { findRuntime } from '../../../../../src/lib/layer/runtimes.ts'
import type { LayerElf } from '../../../../../src/lib/layer/verify/layer-context.ts'
import { Linker, linkRoots } from '../../../../../src/lib/layer/verify/link/linker.ts'
import { runtimeLibraries } from '../../../../../src/lib/layer/verify/link/runtime-libraries.ts'
import { type ElfOptions, makeElf } from '../../../../support/layer/make-elf.ts'

const ARCH = findArchitecture('x86_64')

function file(path: string, options: ElfOptions): LayerElf {
  const bytes = makeElf(options)
  const elf = readElf(bytes)
  if (!elf) throw new Error('no ELF')
  const more = { compressedSize: undefined, permissions: 0o644, typed: true, checksum: undefined }
  return { file: { path, size: bytes.length, ...more }, elf }
}

/** What is in memory after loading the first of the files: paths in the layer, or what the runtime has. */
function load(python: string, ...elf: [LayerElf, ...LayerElf[]]) {
  const libraries = runtimeLibraries(findRuntime(python), ARCH)
  const { loaded, missing, byName } = new Linker({ elf, links: [], libraries, arch: ARCH }).load(elf[0])
  return {
    loaded: loaded.map((one) => one.file?.file.path ?? one.runtime),
    missing: missing.map(({ file: { file: by }, library }) => `${library} for ${by.path}`),
    names: [...byName.keys()],
  }
}

test('breadth first, each library once', () => {
  const result = load(
    '3.13',
    file('python/a.so', { needed: ['libb.so', 'libc.so'], rpath: '$ORIGIN' }),
    file('python/libb.so', { needed: ['libd.so'] }),
    file('python/libc.so', { needed: ['libb.so', 'libd.so', 'libe.so'] }),
    file('python/libd.so', {}),
  )
  expect(result).toEqual({
    loaded: ['python/a.so', 'python/libb.so', 'python/libc.so', 'python/libd.so'],
    missing: ['libe.so for python/libc.so'],
    names: ['a.so', 'libb.so', 'libc.so', 'libd.so'],
  })
})

test('a circle ends', () => {
  const { loaded } = load(
    '3.13',
    file('lib/liba.so', { needed: ['libb.so'] }),
    file('lib/libb.so', { needed: ['liba.so', 'libb.so'] }),
  )
  expect(loaded).toEqual(['lib/liba.so', 'lib/libb.so'])
})

test('what has the soname serves whoever needs that, wherever it was found', () => {
  const { loaded, missing } = load(
    '3.13',
    file('python/a.so', { needed: ['libx.so', 'libuser.so'], rpath: '$ORIGIN' }),
    file('python/libx.so', { soname: 'libother.so.1' }),
    file('python/libuser.so', { needed: ['libother.so.1'], runpath: '/nowhere' }),
  )
  expect({ loaded, missing }).toEqual({
    loaded: ['python/a.so', 'python/libx.so', 'python/libuser.so'],
    missing: [],
  })
})

test("the runtime's folders come before /opt/lib and RUNPATH, after RPATH", () => {
  const layer = [
    file('lib/libz.so.1', { soname: 'libz.so.1' }),
    file('python/libz.so.1', { soname: 'libz.so.1' }),
  ]
  expect(load('3.13', file('python/a.so', { needed: ['libz.so.1'] }), ...layer).loaded[1]).toBe('present')
  expect(
    load('3.13', file('python/a.so', { needed: ['libz.so.1'], runpath: '$ORIGIN' }), ...layer).loaded[1],
  ).toBe('present')
  expect(
    load('3.13', file('python/a.so', { needed: ['libz.so.1'], rpath: '$ORIGIN' }), ...layer).loaded[1],
  ).toBe('python/libz.so.1')
})

test('what Python has loaded itself is never looked for', () => {
  const own = file('python/libc.so.6', { soname: 'libc.so.6' })
  expect(load('3.13', file('python/a.so', { needed: ['libc.so.6'], rpath: '$ORIGIN' }), own).loaded[1]).toBe(
    'loaded',
  )
})

test('/opt/lib goes before RUNPATH', () => {
  const layer = [file('lib/libq.so', {}), file('python/libq.so', {})]
  expect(
    load('3.13', file('python/a.so', { needed: ['libq.so'], runpath: '$ORIGIN' }), ...layer).loaded[1],
  ).toBe('lib/libq.so')
})

test('RPATH does not count in a file that has RUNPATH too', () => {
  const { missing } = load(
    '3.13',
    file('python/a.so', { needed: ['libq.so'], rpath: '$ORIGIN', runpath: '/nowhere' }),
    file('python/libq.so', {}),
  )
  expect(missing).toEqual(['libq.so for python/a.so'])
})

test('nor does it for what such a file has led to', () => {
  const { missing } = load(
    '3.13',
    file('python/a.so', { needed: ['libq.so'], rpath: '$ORIGIN', runpath: '$ORIGIN' }),
    file('python/libq.so', { needed: ['libr.so'] }),
    file('python/libr.so', {}),
  )
  expect(missing).toEqual(['libr.so for python/libq.so'])
})

test('a name with a slash is a path', () => {
  const layer = [file('python/sub/libq.so', {})]
  expect(load('3.13', file('python/a.so', { needed: ['$ORIGIN/sub/libq.so'] }), ...layer).missing).toEqual([])
  expect(load('3.13', file('python/a.so', { needed: ['sub/libq.so'] }), ...layer).missing).toHaveLength(1)
})

test('libpython of the same version may be there, that of another is not', () => {
  const user = file('python/a.so', { needed: ['libpython3.13.so.1.0'] })
  expect(load('3.13', user).loaded[1]).toBe('unsure')
  expect(load('3.12', user).missing).toHaveLength(1)
})

test('extension modules and what nobody needs are loaded by themselves', () => {
  const elf = [
    file('python/a.cpython-313-x86_64-linux-gnu.so', { needed: ['libb.so.1'] }),
    file('python/libb.so.1.2', { soname: 'libb.so.1' }),
    file('python/standalone.so', {}),
  ]
  expect(linkRoots(elf, (path) => path.includes('.cpython-')).map((one) => one.file.path)).toEqual([
    'python/a.cpython-313-x86_64-linux-gnu.so',
    'python/standalone.so',
  ])
})

test('a layer made to take for ever is given up', () => {
  const names = Array.from({ length: 1500 }, (_, index) => `lib${index}.so`)
  const one = file('', { needed: names })
  const elf = names.map((name) => ({ elf: one.elf, file: { ...one.file, path: `lib/${name}` } }))
  const libraries = runtimeLibraries(findRuntime('3.13'), ARCH)
  const linker = new Linker({ elf, links: [], libraries, arch: ARCH })
  expect(() => linker.load(elf[0] as LayerElf)).toThrow(
    expect.objectContaining({ code: 'LAYER_TOO_COMPLEX' }),
  )
})
