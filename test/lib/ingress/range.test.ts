import { expect, test } from 'vitest'
import { CruddurError } from '../../../src/lib/errors.ts'
import { chooseRange, isOneAddress, narrowRange } from '../../../src/lib/ingress/range.ts'

const from = (value: string) => ({ value, source: '--cidr' })

/** The code of the error that something throws. */
function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof CruddurError) return error.code
    throw error
  }
  return 'none'
}

test.each([
  ['5.6.7.8/32', '5.6.7.8/32'],
  ['5.6.7.8/24', '5.6.7.0/24'],
  ['5.6.7.200/25', '5.6.7.128/25'],
  [' 5.6.7.0/24\n', '5.6.7.0/24'],
  ['2A00:1450::5/128', '2a00:1450::5/128'],
  ['2a00:1450:1:2:3:4:5:6/64', '2a00:1450:1:2::/64'],
])('%j is the range %s', (text, cidr) => {
  expect(narrowRange(text)).toBe(cidr)
  expect(narrowRange(cidr)).toBe(cidr)
})

test.each(['0.0.0.0/0', '::/0', '5.6.7.0/23', '5.0.0.0/8', '2a00:1450::/63', '2000::/3'])(
  '%s is too wide',
  (text) => {
    expect(codeOf(() => narrowRange(text))).toBe('CIDR_TOO_WIDE')
  },
)

test.each([
  '',
  '5.6.7.8',
  '5.6.7.8/',
  '5.6.7.8/33',
  '5.6.7.8/024',
  '5.6.7.8/-1',
  '5.6.7.8/24/24',
  '5.6.7/24',
  '5.6.7.8/255.255.255.0',
  '2a00:1450::/129',
  '::ffff:5.6.7.0/120',
  '::ffff:5.6.7.0/24',
  'all',
])('%j is no range', (text) => {
  expect(codeOf(() => narrowRange(text))).toBe('INVALID_CIDR')
})

test('a range that is given must be public, and is warned of', () => {
  for (const value of ['10.0.0.0/24', '192.168.1.0/30', '203.0.113.0/24', 'fd00::/64'])
    expect(codeOf(() => chooseRange(from(value)))).toBe('INVALID_IP')
  expect(chooseRange(from('5.6.7.8/24'))).toEqual({
    cidr: '5.6.7.0/24',
    warnings: [expect.stringMatching(/^5\.6\.7\.0\/24 lets in everybody .* 24 hours/)],
  })
  expect(chooseRange(from('5.6.7.8/32'))).toEqual({ cidr: '5.6.7.8/32', warnings: [] })
})

test.each([
  ['5.6.7.8/32', true],
  ['2a00::1/128', true],
  ['5.6.7.0/24', false],
  ['2a00::/64', false],
  ['2a00::/32', false],
  ['', false],
])('%j is one address: %s', (cidr, is) => {
  expect(isOneAddress(cidr)).toBe(is)
})
