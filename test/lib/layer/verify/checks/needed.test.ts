import { expect, test } from 'vitest'
import { makeElf } from '../../../../support/layer/make-elf.ts'
import { findingsIn, idsIn } from '../../../../support/layer/verify.ts'

const EXT = 'python/pkg/_ext.cpython-313-x86_64-linux-gnu.so'
const foo = (options: Parameters<typeof makeElf>[0] = {}) => makeElf({ soname: 'libfoo.so.1', ...options })

test('libraries of the runtime, and the loader itself', async () => {
  const needed = [
    'libc.so.6',
    'libm.so.6',
    'libstdc++.so.6',
    'libgcc_s.so.1',
    'libz.so.1',
    'ld-linux-x86-64.so.2',
  ]
  expect(await idsIn({ [EXT]: makeElf({ needed }) })).toEqual([])
})

test('a library that is nowhere', async () => {
  const [finding] = await findingsIn({ [EXT]: makeElf({ needed: ['libGL.so.1'] }) })
  expect(finding).toMatchObject({
    id: 'library-missing',
    severity: 'error',
    file: EXT,
    production: 'ImportError: libGL.so.1: cannot open shared object file: No such file or directory',
  })
})

test('a library that is perhaps only in the container image, and not at all in the older system', async () => {
  const files = { 'python/pkg/_ext.so': makeElf({ needed: ['libgthread-2.0.so.0'] }) }
  const [finding] = await findingsIn(files)
  expect(finding).toMatchObject({ id: 'library-unsure', severity: 'warning' })
  expect(await idsIn(files, { pythons: ['3.11'] })).toEqual(['library-missing python/pkg/_ext.so'])
})

test('$ORIGIN leads to libraries beside and below; both ways of writing it', async () => {
  for (const rpath of ['$ORIGIN/../pkg.libs', '${ORIGIN}/../pkg.libs', '/nowhere:$ORIGIN/../pkg.libs'])
    expect(
      (
        await idsIn({
          [EXT]: makeElf({ needed: ['libfoo.so.1'], rpath }),
          'python/pkg.libs/libfoo.so.1': foo(),
        })
      ).filter((id) => !id.startsWith('search-path-odd')),
    ).toEqual([])
})

test('lib/ at the root is on the search path of Lambda; python/*.libs is not', async () => {
  const user = makeElf({ needed: ['libfoo.so.1'] })
  expect(await idsIn({ [EXT]: user, 'lib/libfoo.so.1': foo() })).toEqual([])
  const [finding] = await findingsIn({ [EXT]: user, 'python/pkg.libs/libfoo.so.1': foo() })
  expect(finding).toMatchObject({
    id: 'library-not-searched',
    severity: 'error',
    details: { found: 'python/pkg.libs/libfoo.so.1' },
  })
})

test('a library whose name is only its soname is not found by it', async () => {
  const [finding] = await findingsIn({
    [EXT]: makeElf({ needed: ['libfoo.so.1'], rpath: '$ORIGIN' }),
    'python/pkg/libfoo.so.1.2.3': foo(),
  })
  expect(finding?.id).toBe('library-not-searched')
})

test('RPATH serves what the library needs as well; RUNPATH only the file itself', async () => {
  const files = (options: Parameters<typeof makeElf>[0]) => ({
    [EXT]: makeElf({ needed: ['libfoo.so.1'], ...options }),
    'python/pkg.libs/libfoo.so.1': foo({ needed: ['libbar.so.1'] }),
    'python/pkg.libs/libbar.so.1': makeElf({ soname: 'libbar.so.1' }),
  })
  expect(await idsIn(files({ rpath: '$ORIGIN/../pkg.libs' }))).toEqual([])
  expect(await idsIn(files({ runpath: '$ORIGIN/../pkg.libs' }))).toEqual([
    'library-not-searched python/pkg.libs/libfoo.so.1',
  ])
  // A RUNPATH of its own takes from the library what its caller's RPATH would give.
  const own = files({ rpath: '$ORIGIN/../pkg.libs' })
  own['python/pkg.libs/libfoo.so.1'] = foo({ needed: ['libbar.so.1'], runpath: '/nowhere' })
  expect(await idsIn(own)).toContain('library-not-searched python/pkg.libs/libfoo.so.1')
})

test('a library that a module of the same layer has loaded before serves by its soname', async () => {
  const [finding, ...more] = await findingsIn({
    [EXT]: makeElf({ needed: ['libfoo.so.1'] }),
    'python/pkg/_first.cpython-313-x86_64-linux-gnu.so': makeElf({
      needed: ['libfoo.so.1'],
      rpath: '$ORIGIN/lib',
    }),
    'python/pkg/lib/libfoo.so.1': foo(),
  })
  expect(more).toEqual([])
  expect(finding).toMatchObject({ id: 'library-import-order', severity: 'warning', file: EXT })
})

test('links lead to libraries', async () => {
  const { findingsOf, withLayers } = await import('../../../../support/layer/verify.ts')
  await withLayers(async (place) => {
    const files = { [EXT]: makeElf({ needed: ['libfoo.so.1'] }), 'lib/libfoo.so.1.2': foo() }
    const link = { name: 'lib/libfoo.so.1', content: 'libfoo.so.1.2', mode: 0o120_777 }
    const ids = (await findingsOf(place.zip(files, {}, [link]))).map(({ id }) => id)
    expect(ids).toEqual(['link-inside'])
    expect((await findingsOf(place.zip(files))).map(({ id }) => id)).toEqual(['library-not-searched'])
  })
})

test('search paths of the machine that built a file do no harm', async () => {
  const [finding] = await findingsIn({
    [EXT]: makeElf({ rpath: '/opt/_internal/cpython-3.13.1/lib:$ORIGIN:' }),
  })
  expect(finding).toMatchObject({
    id: 'search-path-odd',
    severity: 'info',
    details: { paths: ['/opt/_internal/cpython-3.13.1/lib', ''] },
  })
})

test('a library for another processor is told of once', async () => {
  const files = {
    [EXT]: makeElf({ needed: ['libfoo.so.1'], rpath: '$ORIGIN' }),
    'python/pkg/libfoo.so.1': foo({ machine: 183 }),
  }
  expect(await idsIn(files)).toEqual(['elf-machine python/pkg/libfoo.so.1'])
})
