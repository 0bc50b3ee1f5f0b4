import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type IpFamily = 'IPv4' | 'IPv6'

/** An address of one host. IPv6 is written as RFC 5952 says, so that equal addresses have equal texts. */
export interface IpAddress {
  text: string
  family: IpFamily
}

/** The longest text that an IPv6 address has: with all digits, and the last four bytes as IPv4. */
const LONGEST = '0000:0000:0000:0000:0000:ffff:255.255.255.255'.length

/** No `%` of a zone, no `/` of a mask, nothing that a terminal would take as a command. */
const SHAPE = new RegExp(`^[0-9a-f.:]{2,${LONGEST}}$`, 'i')

/** `::1.2.3.4`, which RFC 4291 2.5.5.1 deprecates. ipaddr.js takes it for `::ffff:1.2.3.4`, another address. */
const IPV4_COMPATIBLE = /^::\d+\./

/**
 * Why addresses are not public, and which: IANA's registries of special-purpose addresses (RFC 6890) for IPv4 and IPv6,
 * and multicast. The first that matches counts.
 */
const NOT_PUBLIC: Readonly<Record<string, readonly string[]>> = {
  'it is a private address (RFC 1918)': ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  'it is shared by carrier-grade NAT (100.64.0.0/10, RFC 6598)': ['100.64.0.0/10'],
  'it is the address of no host (RFC 1122, RFC 4291)': ['0.0.0.0/8', '::/128'],
  'it is a loopback address: the machine itself (RFC 1122, RFC 4291)': ['127.0.0.0/8', '::1/128'],
  'it is a link-local address: it means nothing beyond one network (RFC 3927, RFC 4291)': [
    '169.254.0.0/16',
    'fe80::/10',
  ],
  'it is a unique local address: a private one of IPv6 (RFC 4193)': ['fc00::/7'],
  'it is a site-local address: a private one of IPv6 (RFC 3879)': ['fec0::/10'],
  'it is an example for documentation (RFC 5737, RFC 3849, RFC 9637)': [
    '192.0.2.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '2001:db8::/32',
    '3fff::/20',
  ],
  'it is a multicast address (RFC 5771, RFC 4291)': ['224.0.0.0/4', 'ff00::/8'],
  'it is the broadcast address (RFC 919)': ['255.255.255.255/32'],
  'it is for benchmarks of networks (RFC 2544, RFC 5180)': ['198.18.0.0/15', '2001:2::/48'],
  'it belongs to 6to4, a tunnel that is switched off (RFC 7526)': ['192.88.99.0/24', '2002::/16'],
  'it belongs to Teredo, a tunnel for IPv6 (RFC 4380)': ['2001::/32'],
  'it is an IPv4 address translated by NAT64 (RFC 6052, RFC 8215)': ['64:ff9b::/96', '64:ff9b:1::/48'],
  'it belongs to a service of the internet itself (RFC 7450, RFC 7534, RFC 7535)': [
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.175.48.0/24',
    '2620:4f:8000::/48',
  ],
  'it is reserved (RFC 1112, RFC 6890, RFC 2928)': ['192.0.0.0/24', '240.0.0.0/4', '2001::/23'],
}

const NOT_PUBLIC_RANGES = Object.fromEntries(
  Object.entries(NOT_PUBLIC).map(([reason, ranges]) => [
    reason,
    ranges.map((text) => ipaddr.parseCIDR(text)),
  ]),
)

/** All that has been given out of IPv6 for hosts (RFC 4291 2.4, IANA's registry of the IPv6 address space). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3')

function familyOf(address: ipaddr.IPv4 | ipaddr.IPv6): IpFamily {
  return address.kind() === 'ipv4' ? 'IPv4' : 'IPv6'
}

/**
 * Reads an address strictly: four decimal numbers without leading zeros, or IPv6 without a zone; white space around it
 * is ignored. An IPv4 address mapped into IPv6 (`::ffff:8.8.4.4`) is that IPv4 address.
 * @returns `undefined` for anything else
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bare = text.trim()
  // Node decides what is valid: ipaddr.js reads 127.1, 0x7f.0.0.1 and 0177.0.0.1 as well.
  if (!SHAPE.test(bare) || isIP(bare) === 0 || IPV4_COMPATIBLE.test(bare)) return undefined
  const address = ipaddr.process(bare)
  return { text: address.toString(), family: familyOf(address) }
}

/** The range of this one address: `8.8.4.4/32`, `2606:4700::1/128`. */
export function hostCidr({ text, family }: IpAddress): string {
  return `${text}/${family === 'IPv4' ? 32 : 128}`
}

/**
 * Why an address cannot be the one under which a machine is seen on the internet.
 * @returns the end of a sentence, such as `it is a private address (RFC 1918)`; `undefined` if it can be public
 */
export function notPublic(address: IpAddress): string | undefined {
  const parsed = ipaddr.parse(address.text)
  const reason = ipaddr.subnetMatch(parsed, NOT_PUBLIC_RANGES, '')
  if (reason !== '') return reason
  if (address.family === 'IPv4' || parsed.match(GLOBAL_UNICAST)) return undefined
  return 'it is outside of 2000::/3, the public addresses of IPv6 (RFC 4291)'
}

/** What ipaddr.js calls the ranges that networks of one's own are made of: RFC 1918, RFC 6598, RFC 4193. */
const OF_PRIVATE_NETWORKS = new Set(['private', 'carrierGradeNat', 'uniqueLocal'])

/** Whether an address is one of a private network, such as a VPC; not one of this machine itself. */
export function isPrivate(address: IpAddress): boolean {
  return OF_PRIVATE_NETWORKS.has(ipaddr.parse(address.text).range())
}
