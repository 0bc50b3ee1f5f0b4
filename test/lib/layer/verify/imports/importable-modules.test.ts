import { expect, test } from 'vitest'
import { findRuntime } from '../../../../../src/lib/layer/runtimes.ts'
import { importableModules } from '../../../../../src/lib/layer/verify/imports/importable-modules.ts'
import { verifyLayer } from '../../../../../src/lib/layer/verify/verify-layer.ts'
import { withLayers } from '../../../../support/layer/verify.ts'

/** The modules of a layer, as `module` or `module < root`; `?` for what may be a library. */
async function modulesOf(
  paths: readonly string[],
  record: readonly string[] = [],
  python = '3.13',
): Promise<string[]> {
  const files = Object.fromEntries(paths.map((path) => [path, '']))
  if (record.length > 0) files['python/a-1.dist-info/RECORD'] = record.map((path) => `${path},,\n`).join('')
  const found: string[] = []
  await withLayers((place) =>
    verifyLayer({
      path: place.folder(files),
      importTest: async (layer) => {
        for (const { module, root, sure } of importableModules(layer, findRuntime(python)))
          found.push(`${module}${root === module ? '' : ` < ${root}`}${sure ? '' : ' ?'}`)
        return { runs: [], findings: [] }
      },
    }),
  )
  return found
}

test('packages, single modules, and the extension modules in packages', async () => {
  expect(
    await modulesOf([
      'python/six.py',
      'python/_cffi_backend.cpython-313-x86_64-linux-gnu.so',
      'python/PIL/__init__.py',
      'python/PIL/Image.py',
      'python/PIL/_imaging.cpython-313-x86_64-linux-gnu.so',
      'python/pandas/__init__.py',
      'python/pandas/_libs/__init__.py',
      'python/pandas/_libs/tslibs/base.abi3.so',
    ]),
  ).toEqual([
    'PIL',
    'PIL._imaging < PIL',
    '_cffi_backend',
    'pandas',
    'pandas._libs.tslibs.base < pandas',
    'six',
  ])
})

test('packages in a namespace; the namespace itself has nothing to import', async () => {
  expect(
    await modulesOf([
      'python/google/protobuf/__init__.py',
      'python/google/protobuf/internal/__init__.py',
      'python/google/_upb/_message.abi3.so',
      'python/google/cloud/storage/__init__.py',
    ]),
  ).toEqual(['google._upb._message', 'google.cloud.storage', 'google.protobuf'])
})

test('what is no module of the layer is left out', async () => {
  expect(
    await modulesOf([
      'python/a/__init__.py',
      'python/a.libs/libpq-1a2b.so.5',
      'python/a/lib/lib-x.so',
      'python/a/lib/lib_lightgbm.so',
      'python/a/_windows.cp313-win_amd64.pyd',
      'python/a/tests/__init__.py',
      'python/a/tests/_t.cpython-313-x86_64-linux-gnu.so',
      'python/tests/__init__.py',
      'python/a-stubs/__init__.py',
      'python/81d243__mypyc.cpython-313-x86_64-linux-gnu.so',
      'python/bin/tool.py',
      'python/bin/__init__.py',
      'lib/libfoo.so',
      'python/pymupdf/__init__.py',
      'python/pymupdf/_extra.so',
    ]),
  ).toEqual(['a', 'a.lib.lib_lightgbm < a ?', 'pymupdf', 'pymupdf._extra < pymupdf'])
})

test('what RECORD lists counts though it is not there, unless it may be pruned', async () => {
  const record = [
    'a/__init__.py',
    'a/_a.cpython-313-x86_64-linux-gnu.so',
    'a/tests/_t.cpython-313-x86_64-linux-gnu.so',
    '../bin/a.py',
    'b.py',
  ]
  expect(await modulesOf(['python/a/__init__.py'], record)).toEqual(['a', 'a._a < a', 'b'])
})

test('site-packages belong to one Python', async () => {
  const paths = [
    'python/lib/python3.13/site-packages/a.py',
    'python/lib/python3.12/site-packages/b.py',
    'python/c.py',
  ]
  expect(await modulesOf(paths)).toEqual(['a', 'c'])
  expect(await modulesOf(paths, [], '3.12')).toEqual(['b', 'c'])
})

test('a layer without packages has none', async () => {
  expect(await modulesOf(['lib/libfoo.so', 'bin/tool'])).toEqual([])
})
