import { expect, test } from 'vitest'
import { parseWheelName, wheelTags } from '../../../../src/lib/layer/wheel/wheel-name.ts'
import { caught } from '../../../support/layer/caught.ts'

test('a name with sets of tags', () => {
  const wheel = parseWheelName(
    'psycopg2_binary-2.9.13-cp313-cp313-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
  )
  expect(wheel).toMatchObject({ name: 'psycopg2-binary', version: '2.9.13', build: undefined })
  expect(wheelTags(wheel)).toEqual(['cp313-cp313-manylinux2014_x86_64', 'cp313-cp313-manylinux_2_17_x86_64'])
})

test('sets multiply', () => {
  expect(wheelTags(parseWheelName('a-1-py2.py3-none.abi3-any.whl'))).toEqual([
    'py2-none-any',
    'py2-abi3-any',
    'py3-none-any',
    'py3-abi3-any',
  ])
})

test('a build tag', () => {
  expect(parseWheelName('Foo.Bar-1.0+cu12-12abc-py3-none-any.whl')).toMatchObject({
    name: 'foo-bar',
    version: '1.0+cu12',
    build: [12, 'abc'],
  })
})

test.for([
  'psycopg2-2.9.12.tar.gz',
  'a-1.whl',
  'a-1-py3-none.whl',
  'a-1-py3-none-any',
  'a-1-b-py3-none-any.whl',
  'a-1-1-2-py3-none-any.whl',
  '-1-py3-none-any.whl',
  'a--py3-none-any.whl',
  'a-1-py3..py2-none-any.whl',
  '../a-1-py3-none-any.whl',
  'a-1-py3-none-.whl',
  `a-1-${'py3.'.repeat(99)}py3-${'none.'.repeat(99)}none-any.whl`,
])('%j is no name of a wheel', (file) => {
  expect(caught(() => parseWheelName(file)).code).toBe('WHEEL_NAME_INVALID')
})
