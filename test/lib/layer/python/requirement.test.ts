import { expect, test } from 'vitest'
import { parseRequirement } from '../../../../src/lib/layer/python/requirement.ts'

test.each([
  ['psycopg2-binary', { name: 'psycopg2-binary', extras: [], specifier: '', url: undefined }],
  ['Psycopg2_Binary == 2.9.13', { name: 'psycopg2-binary', specifier: '==2.9.13' }],
  [
    'requests [security,Socks.Proxy] >= 2.8.1, == 2.8.*',
    { extras: ['security', 'socks-proxy'], specifier: '>=2.8.1,==2.8.*' },
  ],
  ['name (>=3,<4)', { specifier: '>=3,<4' }],
  ['pip @ https://host/pip-1.zip#sha256=0;1', { url: 'https://host/pip-1.zip#sha256=0;1', specifier: '' }],
  ['a===1.0-local', { specifier: '===1.0-local' }],
  ['A.b-_C', { name: 'a-b-c' }],
])('%s', (text, expected) => {
  expect(parseRequirement(text)).toMatchObject(expected)
})

test('a marker follows a semicolon; behind a URL, a blank and a semicolon', () => {
  expect(parseRequirement('a>=1; python_version < "3"').marker).toMatchObject({ operator: '<' })
  expect(parseRequirement('a @ https://host/a;b.whl ; os_name == "nt"')).toMatchObject({
    url: 'https://host/a;b.whl',
    marker: { operator: '==' },
  })
})

test.each(['', '-e .', '.', 'a b', 'a>=x', 'a[b', 'a[!]', 'a=1', 'a==', '_a', 'a;'])('%j is none', (text) => {
  expect(() => parseRequirement(text)).toThrow(/is not a (?:requirement|marker)/)
})
