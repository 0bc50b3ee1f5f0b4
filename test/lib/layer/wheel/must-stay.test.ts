import { expect, test } from 'vitest'
import { mustStay } from '../../../../src/lib/layer/wheel/must-stay.ts'

test.for([
  ['python/a-1.0.dist-info/METADATA', true],
  ['python/a-1.0.dist-info/licenses/tests/LICENSE', true],
  ['python/a.egg-info/PKG-INFO', true],
  ['python/numpy.libs/libopenblas.so', true],
  ['python/distutils-precedence.pth', true],
  ['python/numpy/tests/test_a.py', false],
  ['python/numpy/libs/readme.txt', false],
  ['python/a/dist-info/x', false],
] as const)('%s: %s', ([path, expected]) => {
  expect(mustStay(path)).toBe(expected)
})
