import { expect, test } from 'vitest'
import { Pruning } from '../../../../src/lib/layer/build/prune.ts'

test.each([
  ['pandas/tests/frame/test_api.py', 'tests'],
  ['numpy/_core/tests/data/umath.csv', 'tests'],
  ['six/__pycache__/six.cpython-313.pyc', 'caches'],
  ['pyarrow/include/arrow/api.h', 'headers'],
  ['numpy/py.typed', 'stubs'],
  ['PIL/Image.pyi', 'stubs'],
  ['numpy/__init__.pxd', 'cython'],
  ['pyarrow/lib.pyx', 'cython'],
  ['numpy/_core/lib/libnpymath.a', 'sources'],
  ['pyarrow/src/arrow/python/api.cc', 'sources'],
])('%s is left out (%s)', (path, reason) => {
  expect(new Pruning().reasonFor(path)).toBe(reason)
})

test.each([
  'numpy/testing/__init__.py',
  'numpy/testing/_private/utils.py',
  'tests/__init__.py',
  'tests/helpers/__init__.py',
  'testing/__init__.py',
  'test.py',
  'django/test/client.py',
  'astropy/tests/runner.py',
  'numpy.libs/libopenblas.a',
  'numpy-2.2.6.dist-info/RECORD',
  'numpy-2.2.6.dist-info/licenses/tests/LICENSE.c',
  'old-1.0.egg-info/tests/x',
  'namespace.pth',
  'a/tests/here.pth',
  'tzdata/zoneinfo/UTC',
  'certifi/cacert.pem',
  'module.pyc',
  'attests/__init__.py',
  'bin/tool',
])('%s stays', (path) => {
  expect(new Pruning().reasonFor(path)).toBeUndefined()
})

test('what fits a pattern is kept, and patterns that fit nothing are known', () => {
  const pruning = new Pruning(['pandas/tests/**', '*.pyi', 'nothing'])
  expect(pruning.unused).toEqual(['pandas/tests/**', '*.pyi', 'nothing'])
  expect(pruning.reasonFor('pandas/tests/a.py')).toBeUndefined()
  expect(pruning.reasonFor('numpy/tests/a.py')).toBe('tests')
  expect(pruning.reasonFor('numpy/random/a.pyi')).toBeUndefined()
  expect(pruning.unused).toEqual(['nothing'])
})
