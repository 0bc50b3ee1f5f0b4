import { expect, test } from 'vitest'
import { describeLayer, rollUpLicences } from '../../../../src/lib/layer/publish/layer-texts.ts'

test.each([
  [[], undefined],
  [[undefined, '', '  '], undefined],
  [['MIT', 'MIT'], 'MIT'],
  [['MIT', undefined, 'Apache-2.0'], 'Apache-2.0 AND MIT'],
  [['MIT OR Apache-2.0'], 'MIT OR Apache-2.0'],
  [['MIT OR Apache-2.0', 'BSD-3-Clause'], 'BSD-3-Clause AND (MIT OR Apache-2.0)'],
  [['LGPL-3.0-or-later WITH exception-1', 'MIT'], 'LGPL-3.0-or-later WITH exception-1 AND MIT'],
  [['LGPL with exceptions', 'MIT'], 'LGPL with exceptions; MIT'],
  [['BSD License', 'MIT'], 'BSD License; MIT'],
  [['MIT License\n\nPermission is hereby granted …', 'MIT'], 'MIT; MIT License'],
])('%j: %s', (licences, text) => {
  expect(rollUpLicences(licences)).toBe(text)
})

test('a licence that is longer than Lambda takes is cut', () => {
  expect(rollUpLicences([`(${'A-1 AND '.repeat(100)}B)`])?.length).toBe(512)
})

test('a layer without packages is told by what it is for', () => {
  expect(describeLayer({ wheels: [], python: '3.12', arch: 'x86_64' })).toBe('Python 3.12, x86_64')
})
