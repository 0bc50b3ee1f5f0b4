import { expect, test } from 'vitest'
import { defaultName, type NamedAfter } from '../../../../src/lib/layer/build/default-name.ts'
import { deprecation } from '../../../../src/lib/layer/build/deprecation.ts'
import { LIMITS } from '../../../../src/lib/layer/limits.ts'
import { findRuntime } from '../../../../src/lib/layer/runtimes.ts'

const NOTHING: NamedAfter = { packages: [], folder: undefined, project: 'shop' }

test.each([
  [{ packages: ['psycopg2-binary'] }, 'psycopg2-py313-arm64'],
  [{ packages: ['pillow'] }, 'pillow-py313-arm64'],
  [{ packages: ['pillow', 'numpy'] }, 'shop-py313-arm64'],
  [{ folder: 'images' }, 'images-py313-arm64'],
  [{}, 'shop-py313-arm64'],
  [{ project: 'My shop, 2nd/éd.' }, 'My-shop-2nd-d-py313-arm64'],
  [{ project: '...' }, 'layer-py313-arm64'],
] as const)('%j: %s', (named, name) => {
  expect(defaultName({ ...NOTHING, ...named }, '3.13', 'arm64')).toBe(name)
})

test('a long name keeps its end, and is one that Lambda takes', () => {
  const name = defaultName({ ...NOTHING, project: 'x'.repeat(300) }, '3.9', 'x86_64')
  expect(name).toMatch(/^x+-py39-x86_64$/)
  expect(name).toMatch(LIMITS.layerName)
})

test.each([
  ['3.13', '2026-11-21', undefined],
  ['3.10', '2026-10-30', undefined],
  [
    '3.10',
    '2026-10-31',
    'AWS has given no security updates for python3.10 since 2026-10-31. From 2026-11-30 on, no new function may use it. From 2027-01-15 on, no function that uses it may be changed.',
  ],
  [
    '3.10',
    '2027-01-15',
    'AWS has given no security updates for python3.10 since 2026-10-31. No new function may use it since 2026-11-30. No function that uses it may be changed since 2027-01-15.',
  ],
  ['3.9', '2026-11-21', 'AWS has given no security updates for python3.9 since 2025-12-15.'],
])('python%s on %s: %s', (python, day, warning) => {
  expect(deprecation(findRuntime(python), new Date(`${day}T00:00:00Z`))).toBe(warning)
})
