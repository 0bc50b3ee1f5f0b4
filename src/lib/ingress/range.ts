import ipaddr from 'ipaddr.js'
import type { Sourced } from '../aws/session.ts'
import { UsageError } from '../errors.ts'
import { type IpAddress, notPublic, parseIpAddress } from './ip-address.ts'
import { shortened } from '../shortened.ts'

/** Of a family: how many bits an address has, and the shortest prefix that is let in. */
const FAMILIES = { IPv4: { bits: 32, shortest: 24 }, IPv6: { bits: 128, shortest: 64 } } as const

interface Range extends Pick<IpAddress, 'family'> {
  /** With the bits behind the prefix cleared, as AWS keeps it. */
  cidr: string
  first: IpAddress
  prefix: number
}

/** Reads `203.0.113.0/24` as strictly as addresses are read; `undefined` for anything else. */
function parseRange(text: string): Range | undefined {
  const [, start = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text.trim()) ?? []
  const address = parseIpAddress(start)
  const prefix = Number(digits)
  // What is written as IPv6 and means IPv4 has a prefix of the wrong family.
  if (
    !address ||
    start.includes(':') !== (address.family === 'IPv6') ||
    prefix > FAMILIES[address.family].bits
  )
    return undefined
  const network = address.family === 'IPv4' ? ipaddr.IPv4 : ipaddr.IPv6
  const first = parseIpAddress(network.networkAddressFromCIDR(`${address.text}/${prefix}`).toString())
  return first && { cidr: `${first.text}/${prefix}`, first, prefix, family: first.family }
}

/** Whether a range, as AWS keeps it, is one address. */
export function isOneAddress(cidr: string): boolean {
  return /^[\d.]+\/32$|:.*\/128$/.test(cidr)
}

/**
 * A range in the form that AWS keeps, if it is narrow enough: a tool that runs by itself must not open a database to the
 * world, whatever it is given.
 * @throws {UsageError} `INVALID_CIDR`, `CIDR_TOO_WIDE`
 */
export function narrowRange(text: string): string {
  const range = parseRange(text)
  if (!range)
    throw new UsageError(`${JSON.stringify(shortened(text, 60))} is not a range of addresses.`, {
      code: 'INVALID_CIDR',
      hint: 'Write it like 203.0.113.0/24, or 2001:db8:1:2::/64; or name one address with --ip.',
    })
  const { shortest } = FAMILIES[range.family]
  if (range.prefix >= shortest) return range.cidr
  throw new UsageError(`${range.cidr} is too wide: a database is not opened to so many.`, {
    code: 'CIDR_TOO_WIDE',
    hint: `A range may be as wide as /${shortest} for ${range.family}; wider ones are for the console.`,
  })
}

/**
 * The range to let in that somebody named, with what people should know about it.
 * @throws {UsageError} `INVALID_CIDR`, `CIDR_TOO_WIDE`; `INVALID_IP` when it is not public
 */
export function chooseRange({ value, source }: Sourced): { cidr: string; warnings: string[] } {
  const cidr = narrowRange(value)
  const first = parseRange(cidr)?.first
  const reason = first && notPublic(first)
  if (reason !== undefined)
    throw new UsageError(`${cidr} from ${source} cannot be let in: ${reason}.`, {
      code: 'INVALID_IP',
      hint: 'Name the range of the public addresses that you are given.',
    })
  if (isOneAddress(cidr)) return { cidr, warnings: [] }
  const warning = `${cidr} lets in everybody who has an address there. Its lease is 24 hours; the next run without --cidr, or of --prune after that, removes it.`
  return { cidr, warnings: [warning] }
}
