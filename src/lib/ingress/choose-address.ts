import type { Sourced } from '../aws/session.ts'
import { UsageError } from '../errors.ts'
import { hostCidr, notPublic, parseIpAddress } from './ip-address.ts'
import { findPublicIp } from './public-ip.ts'
import { shortened } from '../shortened.ts'

/**
 * The address to let in: the one given, else the public one of this machine.
 * @param given an address and where it comes from
 * @returns the address as a range of one, e.g. `203.0.113.7/32`, and what people should know about how it was found
 * @throws {UsageError} `INVALID_IP` when what was given is no public address
 * @throws {CruddurError} those of `findPublicIp`
 */
export async function chooseAddress(
  given: Sourced | undefined,
  options: Parameters<typeof findPublicIp>[0] = {},
): Promise<{ cidr: string; warnings: string[] }> {
  if (given === undefined) {
    const { address, warnings } = await findPublicIp(options)
    return { cidr: hostCidr(address), warnings }
  }
  const address = parseIpAddress(given.value)
  const reason = address === undefined ? 'it is no IP address' : notPublic(address)
  if (address === undefined || reason !== undefined)
    throw new UsageError(
      `${JSON.stringify(shortened(given.value, 60))} from ${given.source} cannot be let in: ${reason}.`,
      {
        code: 'INVALID_IP',
        hint: 'Give the address that the internet sees you under, without a mask (a range is for --cidr); or none, to have it found out.',
      },
    )
  return { cidr: hostCidr(address), warnings: [] }
}
