import { expect, test } from 'vitest'
import { extensionSuffix, findArchitecture } from '../../../src/lib/layer/architectures.ts'
import { LIMITS } from '../../../src/lib/layer/limits.ts'
import { findRuntime, RUNTIMES } from '../../../src/lib/layer/runtimes.ts'
import { caught } from '../../support/layer/caught.ts'

test('the runtimes, their systems and images', () => {
  expect(RUNTIMES.map(({ name, os, glibc }) => `${name} ${os} ${glibc.join('.')}`)).toEqual([
    'python3.9 AL2 2.26',
    'python3.10 AL2 2.26',
    'python3.11 AL2 2.26',
    'python3.12 AL2023 2.34',
    'python3.13 AL2023 2.34',
    'python3.14 AL2023 2.34',
  ])
  expect(findRuntime('3.13')).toMatchObject({
    image: 'public.ecr.aws/lambda/python:3.13',
    buildImage: 'public.ecr.aws/sam/build-python3.13',
  })
})

test('dates are days, and nothing is blocked before it is deprecated', () => {
  for (const { deprecatedOn, blockCreateOn, blockUpdateOn } of RUNTIMES) {
    const dates = [deprecatedOn, blockCreateOn, blockUpdateOn].filter((date) => date !== undefined)
    for (const date of dates) expect(new Date(date).toISOString()).toBe(`${date}T00:00:00.000Z`)
    expect(dates.toSorted((a, b) => Date.parse(a) - Date.parse(b))).toEqual(dates)
  }
})

test('a runtime by its version and by its name', () => {
  expect(findRuntime('python3.11')).toBe(findRuntime('3.11'))
  for (const version of ['3.8', '3.1', '3', 'python', '3.13.1', '']) {
    const { code, hint, kind } = caught(() => findRuntime(version))
    expect([code, kind]).toEqual(['UNKNOWN_RUNTIME', 'usage'])
    expect(hint).toBe('It has 3.9, 3.10, 3.11, 3.12, 3.13, 3.14.')
  }
})

test('an architecture by all its names', () => {
  expect(findArchitecture('aarch64')).toBe(findArchitecture('arm64'))
  expect(findArchitecture('amd64')).toBe(findArchitecture('x86_64'))
  for (const name of ['x86', 'ARM', 'toString', ''])
    expect(caught(() => findArchitecture(name)).code).toBe('UNKNOWN_ARCHITECTURE')
})

test('extension modules are called as Python calls them', () => {
  expect(extensionSuffix({ python: '3.9' }, findArchitecture('x86_64'))).toBe(
    '.cpython-39-x86_64-linux-gnu.so',
  )
  expect(extensionSuffix({ python: '3.13' }, findArchitecture('arm64'))).toBe(
    '.cpython-313-aarch64-linux-gnu.so',
  )
})

test('names of layers', () => {
  expect('psycopg2-py313-arm64').toMatch(LIMITS.layerName)
  for (const name of ['', 'a b', 'a.b', 'a'.repeat(141)]) expect(name).not.toMatch(LIMITS.layerName)
})
