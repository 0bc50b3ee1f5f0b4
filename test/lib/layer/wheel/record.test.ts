import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { formatRecord, matchesRecord, parseRecord } from '../../../../src/lib/layer/wheel/record.ts'

test('rows with and without quotes, digests and sizes', () => {
  expect(parseRecord('a.py,sha256=abc,3\r\n"b, ""c"".py",sha256=x,1\na.dist-info/RECORD,,\n\n')).toEqual([
    { path: 'a.py', hash: 'sha256=abc', size: '3' },
    { path: 'b, "c".py', hash: 'sha256=x', size: '1' },
    { path: 'a.dist-info/RECORD', hash: '', size: '' },
  ])
})

test('what is written is sorted, and reads back', () => {
  const rows = [
    { path: 'b', hash: 'sha256=y', size: '2' },
    { path: 'a, "x"', hash: '', size: '' },
  ]
  expect(formatRecord(rows)).toBe('"a, ""x""",,\nb,sha256=y,2\n')
  expect(parseRecord(formatRecord(rows))).toEqual(rows.toReversed())
})

function row(hash: string, size = '') {
  return { path: 'a', hash, size }
}

test('a content against its row', () => {
  const content = Buffer.from('hello')
  const digest = (algorithm: string) => createHash(algorithm).update(content).digest('base64url')
  expect(matchesRecord(content, row(`sha256=${digest('sha256')}`, '5'))).toBe(true)
  expect(matchesRecord(content, row(`sha512=${digest('sha512')}`))).toBe(true)
  expect(matchesRecord(content, row(`sha256=${digest('sha256')}=`))).toBe(true)
  expect(matchesRecord(content, row(`sha256=${digest('sha256')}`, '6'))).toBe(false)
  expect(matchesRecord(Buffer.from('Hello'), row(`sha256=${digest('sha256')}`, '5'))).toBe(false)
  expect(matchesRecord(content, row(`md5=${digest('md5')}`))).toBeUndefined()
  expect(matchesRecord(content, row(''))).toBeUndefined()
})
