import { expect, test } from 'vitest'
import { hostCidr, notPublic, parseIpAddress } from '../../../src/lib/ingress/ip-address.ts'
import { SeededRandom } from '../../support/seeded-random.ts'

test.each([
  ['8.8.4.4', '8.8.4.4', 'IPv4'],
  ['5.6.7.8\n', '5.6.7.8', 'IPv4'],
  [' \t5.6.7.8\r\n', '5.6.7.8', 'IPv4'],
  ['0.0.0.0', '0.0.0.0', 'IPv4'],
  ['255.255.255.255', '255.255.255.255', 'IPv4'],
  ['2606:4700::1111', '2606:4700::1111', 'IPv6'],
  ['2606:4700:0000:0000:0000:0000:0000:1111', '2606:4700::1111', 'IPv6'],
  ['2606:4700:0:0:1:0:0:1', '2606:4700::1:0:0:1', 'IPv6'],
  ['2606:4700:1:2:3:4:5::', '2606:4700:1:2:3:4:5:0', 'IPv6'],
  ['2A00:1450:4001:80B::200E', '2a00:1450:4001:80b::200e', 'IPv6'],
  ['::', '::', 'IPv6'],
  ['64:ff9b::8.8.4.4', '64:ff9b::808:404', 'IPv6'],
  ['::ffff:8.8.4.4', '8.8.4.4', 'IPv4'],
  ['::FFFF:808:404', '8.8.4.4', 'IPv4'],
  ['0000:0000:0000:0000:0000:ffff:255.255.255.255', '255.255.255.255', 'IPv4'],
])('%j is the address %s of %s', (text, canonical, family) => {
  expect(parseIpAddress(text)).toEqual({ text: canonical, family })
})

test.each([
  '',
  ' ',
  'localhost',
  '127.1',
  '8.8.4',
  '134744068',
  '0x08080404',
  '0x8.8.4.4',
  '010.8.4.4',
  '8.8.4.04',
  '8.8.4.00',
  '256.8.4.4',
  '8.8.4.4.4',
  '8.8.4.4.',
  '.8.8.4.4',
  '8..4.4',
  '-8.8.4.4',
  '8.8.4.4/32',
  '8.8.4.4:5432',
  '8.8.4.4 5.6.7.8',
  '8.8.4.4\n5.6.7.8',
  '8.8. 4.4',
  '8.8.4.4\0',
  '\u001B[31m8.8.4.4',
  '٨.8.4.4',
  '8。8。4。4',
  '<html>8.8.4.4</html>',
  '[2606:4700::1]',
  'fe80::1%eth0',
  '2606:4700::1%1',
  '2606:4700::1/128',
  '2606::4700::1',
  '2606:4700',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '1:2:3:4:5:6:7:8:',
  ':::',
  '1::2:',
  '02606:4700::1',
  '2606:4700::g',
  '::ffff:010.8.4.4',
  '::ffff:0x8.8.4.4',
  '::ffff:8.8.4.256',
  '::ffff:8.8.4',
  '::8.8.4.4',
  `${'0'.repeat(2000)}::1`,
])('%j is no address', (text) => {
  expect(parseIpAddress(text)).toBeUndefined()
})

test('addresses of IPv6 have the text that URLs give them, which is that of RFC 5952', () => {
  const random = new SeededRandom(5952)
  for (let round = 0; round < 2000; round += 1) {
    // Not mapped IPv4: the first group is never 0.
    const groups = Array.from({ length: 8 }, (_, at) =>
      at > 0 && random.below(2) === 0 ? 0 : 1 + random.below(0xffff),
    )
    const text = groups.map((group) => group.toString(16).padStart(4, '0')).join(':')
    const { hostname } = new URL(`http://[${text}]/`)
    expect(parseIpAddress(text)).toEqual({ text: hostname.slice(1, -1), family: 'IPv6' })
  }
})

/** The address of a text that is one. */
function address(text: string) {
  const parsed = parseIpAddress(text)
  if (parsed === undefined) throw new Error(`${text} is no address`)
  return parsed
}

test.each([
  ['203.0.113.7', '203.0.113.7/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['::ffff:8.8.4.4', '8.8.4.4/32'],
])('%s alone is the range %s', (text, cidr) => {
  expect(hostCidr(address(text))).toBe(cidr)
})

test.each([
  ['10.0.0.0', 'it is a private address (RFC 1918)'],
  ['10.255.255.255', 'it is a private address (RFC 1918)'],
  ['172.16.0.1', 'it is a private address (RFC 1918)'],
  ['172.31.255.255', 'it is a private address (RFC 1918)'],
  ['192.168.1.1', 'it is a private address (RFC 1918)'],
  ['::ffff:192.168.1.1', 'it is a private address (RFC 1918)'],
  ['100.64.0.0', 'it is shared by carrier-grade NAT (100.64.0.0/10, RFC 6598)'],
  ['100.127.255.255', 'it is shared by carrier-grade NAT (100.64.0.0/10, RFC 6598)'],
  ['0.0.0.0', 'no host'],
  ['::', 'no host'],
  ['127.0.0.1', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['fd12:3456:789a::1', 'unique local'],
  ['fec0::1', 'site-local'],
  ['192.0.2.1', 'documentation'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.7', 'documentation'],
  ['2001:db8::1', 'documentation'],
  ['3fff:fff::1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['198.19.0.1', 'benchmarks'],
  ['2001:2::1', 'benchmarks'],
  ['192.88.99.1', '6to4'],
  ['2002:808:404::1', '6to4'],
  ['2001::1', 'Teredo'],
  ['64:ff9b::8.8.4.4', 'NAT64'],
  ['64:ff9b:1::1', 'NAT64'],
  ['192.175.48.6', 'service of the internet'],
  ['2620:4f:8000::6', 'service of the internet'],
  ['192.0.0.8', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['2001:20::1', 'reserved'],
  ['100::1', 'outside of 2000::/3'],
  ['5f00::1', 'outside of 2000::/3'],
  ['0::8.8.4.4', 'outside of 2000::/3'],
  ['::ffff:0:8.8.4.4', 'outside of 2000::/3'],
  ['4000::1', 'outside of 2000::/3'],
])('%s cannot be public: %s', (text, reason) => {
  expect(notPublic(address(text))).toContain(reason)
})

test.each([
  '8.8.4.4',
  '5.6.7.8',
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '203.0.112.255',
  '203.0.114.0',
  '223.255.255.255',
  '2001:200::1',
  '2001:4860:4860::8844',
  '2606:4700::1111',
  '2a00:1450:4001:80b::200e',
  '2003::1',
  '3ffe:ffff::1',
])('%s can be public', (text) => {
  expect(notPublic(address(text))).toBeUndefined()
})
