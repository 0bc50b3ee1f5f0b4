import { expect, test } from 'vitest'
import { parseFields, parseMetadata } from '../../../../src/lib/layer/wheel/metadata.ts'

test('fields, also several of one name and over several lines; the description is left out', () => {
  const text = [
    'Metadata-Version: 2.4',
    'Name: Some.Package',
    'Version: 1.0',
    'Requires-Dist: numpy>=1.22; python_version < "3.12"',
    "requires-dist: tzdata ; extra == 'zone'",
    'Provides-Extra: zone',
    'Requires-Python: >=3.9',
    'License: first line',
    '        second line',
    'License-Expression: MIT',
    'Classifier: License :: OSI Approved :: MIT License',
    'Classifier: Programming Language :: Python',
    '',
    'Requires-Dist: not-this',
  ].join('\r\n')
  expect(parseMetadata(text)).toEqual({
    name: 'Some.Package',
    version: '1.0',
    requiresDist: ['numpy>=1.22; python_version < "3.12"', "tzdata ; extra == 'zone'"],
    requiresPython: '>=3.9',
    providesExtra: ['zone'],
    licenseExpression: 'MIT',
    license: 'first line\r\n        second line',
    licenseClassifiers: ['License :: OSI Approved :: MIT License'],
  })
})

test('what is no field is left out', () => {
  expect(Object.fromEntries(parseFields('no field\nA: 1\n: 2\n\nB: 3'))).toEqual({ a: ['1'] })
})
