import { expect, test } from 'vitest'
import {
  compareNumbers,
  exceeds,
  newestByFamily,
  parseSymbolVersion,
} from '../../../../src/lib/layer/elf/versions.ts'
import { findRuntime } from '../../../../src/lib/layer/runtimes.ts'

test.for([
  ['GLIBC_2.17', { family: 'GLIBC', numbers: [2, 17] }],
  ['GLIBC_2.2.5', { family: 'GLIBC', numbers: [2, 2, 5] }],
  ['GLIBCXX_3.4.24', { family: 'GLIBCXX', numbers: [3, 4, 24] }],
  ['CXXABI_TM_1', { family: 'CXXABI_TM', numbers: [1] }],
  ['GLIBC_ABI_DT_RELR', { family: 'GLIBC', numbers: [2, 36] }],
  ['GLIBC_PRIVATE', undefined],
  ['CXXABI_FLOAT128', undefined],
  ['gssapi_krb5_2_MIT', undefined],
  ['toString', undefined],
  ['', undefined],
] as const)('%s', ([name, expected]) => {
  expect(parseSymbolVersion(name)).toEqual(expected)
})

test('numbers are compared as numbers, and what is missing is 0', () => {
  expect(compareNumbers([2, 9], [2, 17])).toBeLessThan(0)
  expect(compareNumbers([2, 3, 4], [2, 3])).toBeGreaterThan(0)
  expect(compareNumbers([2, 3, 0], [2, 3])).toBe(0)
})

const { ceilings: AL2 } = findRuntime('3.11')
const { ceilings: AL2023 } = findRuntime('3.12')

// What the two systems define at the most, and what is the first that they do not.
test.for([
  ['GLIBC_2.26', false, false],
  ['GLIBC_2.27', true, false],
  ['GLIBC_2.34', true, false],
  ['GLIBC_2.35', true, true],
  ['GLIBC_ABI_DT_RELR', true, true],
  ['GLIBC_PRIVATE', false, false],
  ['GLIBCXX_3.4.24', false, false],
  ['GLIBCXX_3.4.29', true, false],
  ['GLIBCXX_3.4.30', true, true],
  ['CXXABI_1.3.11', false, false],
  ['CXXABI_1.3.13', true, false],
  ['CXXABI_1.3.14', true, true],
  ['GCC_7.0.0', false, false],
  ['GCC_11.0', true, false],
  ['GCC_12.0.0', true, true],
  ['ZLIB_1.2.5.2', false, false],
  ['ZLIB_1.2.7.1', true, false],
  ['ZLIB_1.2.9', true, false],
  ['ZLIB_1.2.12', true, true],
  ['OPENSSL_3.0.0', false, false],
] as const)('%s is too new for AL2: %s, for AL2023: %s', ([name, forAl2, forAl2023]) => {
  expect([exceeds(name, AL2), exceeds(name, AL2023)]).toEqual([forAl2, forAl2023])
})

test('the newest version of each family', () => {
  expect(
    newestByFamily(['GLIBC_2.9', 'GLIBC_2.17', 'GLIBC_PRIVATE', 'GLIBCXX_3.4', 'constructor_1']),
  ).toEqual({ GLIBC: 'GLIBC_2.17', GLIBCXX: 'GLIBCXX_3.4', constructor: 'constructor_1' })
})
